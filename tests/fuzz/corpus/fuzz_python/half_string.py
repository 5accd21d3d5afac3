revision = "abc
down_revision = """x
