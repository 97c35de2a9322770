"""The only importer of sqlmodel, sqlalchemy and alembic: one module per noun.

Table models validate nothing when they are built, so every rule stands as a
CHECK, UNIQUE or FOREIGN KEY too.
"""
