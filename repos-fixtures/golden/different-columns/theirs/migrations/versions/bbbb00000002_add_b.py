"""add b

Revision ID: bbbb00000002
Revises: 1975ea83b712
Create Date: 2026-02-04 09:30:00.000000

"""
import sqlalchemy as sa
from alembic import op

revision = "bbbb00000002"
down_revision = "1975ea83b712"


def upgrade():
    with op.batch_alter_table("users") as batch:
        batch.add_column(sa.Column("b", sa.Integer(), nullable=True))
        batch.alter_column("email", nullable=False)
    op.execute("UPDATE users SET b = 1")


def downgrade():
    pass
