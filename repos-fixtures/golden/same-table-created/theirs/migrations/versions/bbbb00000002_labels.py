"""labels

Revision ID: bbbb00000002
Revises: 1975ea83b712
Create Date: 2026-02-04 09:30:00.000000

"""
import sqlalchemy as sa
from alembic import op

revision = "bbbb00000002"
down_revision = "1975ea83b712"


def upgrade():
    op.create_table(
        "tags",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.Text()),
    )


def downgrade():
    pass
