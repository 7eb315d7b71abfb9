@rem "policykb init --shortcut" made this file: opened, it shows the knowledge base that it stands in.
@chcp 65001 >nul
@pushd "%~dp0"
@set "PATH={folder};%PATH%"
@cmd /k policykb serve --open
