"""The pages that a browser shows: a thin skin over `KnowledgeBase` and the records of `policykb.render`."""
