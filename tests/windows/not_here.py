"""A plug-in of pytest: what cannot be run on Windows, or under Wine, is skipped for a reason, and counted by it."""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path

import pytest

REASONS = {
    "Windows has no pipes, sockets or devices among its files": (
        r"test_files\.py::test_only_regular_files_are_read\[(pipe|socket|device)",
        r"test_files\.py::test_a_pipe_",
        r"test_cli\.py::test_standard_output_that_is_full",
        r"test_import_bounds\.py::test_only_regular_files_are_opened",
        r"test_strange_templates\.py::test_an_earlier_digest_is_a_file\[(fifo|zero)",
        r"test_inbox\.py::test_what_a_stranger_puts_there",
        r"test_hostile_index\.py::test_(what_is_no_folder_is_not_used|nothing_is_written_through_what_lies_there)\[fifo",
    ),
    "links need a right of their own on Windows, and Wine makes them with names in Latin letters only": (
        r"test_corpus\.py::test_(links_and_pipes_are_passed_over|a_link_cannot_lead_a_write_out|a_corpus_reached_through_a_link)",
        r"test_doctor\.py::test_problems_of_entries_are_counted_and_links_named",
        r"test_hostile_index\.py::test_(nothing_is_done_through_a_link|a_folder_that_was_named_is_refused)",
        r"test_strange_templates\.py::test_a_(template_that_is_a_link|link_inside)",
        r"test_strange_templates\.py::test_a_template_ends_with_an_error\[.*linked",
        r"test_inbox\.py::test_an_(original_that_is_a_link|inbox_that_is_a_link)",
    ),
    "Windows' files have no mode beyond read-only": (
        r"test_corpus\.py::test_(a_change_keeps_mode_line_ends|writing_atomically|a_folder_that_cannot_be_read)",
        r"test_corpus\.py::test_a_failure_before_the_first_rename_changes_nothing\[chmod",
        r"test_cluster_settings\.py::test_the_password_may_stand_in_a_file_that_nobody_else_reads",
    ),
    "Windows' times are in steps of 100 ns": (r"test_corpus\.py::test_stats_are_time_and_size",),
    "every name is UTF-16 on Windows, and has no control characters": (
        r"test_corpus\.py::test_names_that_are_not_utf8",
        r"test_check\.py::test_links_and_names_that_are_no_entries",
        r"test_cli\.py::test_a_(file_whose_name_is_not_utf8|hostile_name_in_a_message)",
    ),
    "Python opens no pseudo-terminal on Windows": (
        r"test_cli\.py::test_(colours_only_where|a_terminal_obeys_no|a_word_document_is_not_written|a_long_entry_goes)",
        r"test_output\.py::test_(text_in_a_file_has|a_list_is_compact|a_long_list_goes|colours_when_they_are_asked)",
    ),
    "the editor is a script of a shell; test_shared_names has the batch file of Windows": (
        r"test_cli\.py::test_no_shell_reads_the_name",
    ),
    "the test locks the folder itself; test_side_by_side has the lock of Windows": (
        r"test_corpus\.py::test_a_writer_waits_for_another",
    ),
    "the test lets os.fdopen fail, and leaves a file open that Windows then does not remove": (
        r"test_corpus\.py::test_a_failure_before_the_first_rename_changes_nothing\[fdopen",
    ),
    "Wine's files may have names as long as those of Linux, by characters": (
        r"test_corpus\.py::test_what_cannot_be_written\[\\u957f",
        r"test_corpus\.py::test_many_writes_are_all_or_nothing",
    ),
    "the test writes over files of the index that this process has mapped, which Windows forbids": (
        r"test_crafted_index\.py::test_(what_stands_in_the_files|an_update_of_it|an_index_that_may_not_be_written)",
        r"test_hostile_index\.py::test_(what_is_no_file_is_never_read|an_index_that_was_made_with_a_damaged_lexicon)",
        r"test_hostile_index\.py::test_the_index_is_deleted_while_it_is_watched",
        r"test_serve\.py::test_a_damaged_index_heals_behind_the_page\[True",
    ),
    "the test looks into /proc for what is mapped": (r"test_hostile_index\.py::test_a_snapshot_that_nobody_uses",),
    "Wine's msvcrt gives no reason where a lock is held": (r"test_doctor\.py::test_while_another_process_writes",),
    "the tools that only look at the source are not for Windows": (
        r"test_readme\.py::test_hooks_use_the_tools",
        r"test_languages\.py::test_every_text_has_its_translation",
    ),
    "there is no git here": (r"test_index\.py::test_a_folder_that_holds_only_its_gitignore",),
}

# whole files, which do not even load there
FILES = {
    "test_robustness.py": "processes are ended in groups, by signals",
    "test_bounds.py": "memory and time are limited by the system's resource limits",
}


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    return True if collection_path.name in FILES else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for reason, patterns in REASONS.items():
            if any(re.search(pattern, item.nodeid) for pattern in patterns):
                item.add_marker(pytest.mark.skip(reason=reason))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reasons = Counter(str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", ()))  # type: ignore
    for name, reason in FILES.items():
        terminalreporter.write_line(f"not run here: {name}: {reason}, as POSIX does it")
    for reason, number in reasons.most_common():
        terminalreporter.write_line(f"not run here: {number} {os.fspath(reason.removeprefix('Skipped: '))}")
