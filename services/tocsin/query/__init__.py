"""The query language: one grammar for search, live match, back-test and Kibana (design §5).

Parsed once to one frozen AST (`ast`); everything else is made from that: the matcher's plan, the
FTS5 candidates, the Elasticsearch DSL, the canonical text. Knows no index and no stage.
"""
