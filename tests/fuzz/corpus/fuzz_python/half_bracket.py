revision = "abc"

def upgrade():
    op.add_column("t", sa.Column(
