"""add a

Revision ID: aaaa00000001
Revises: 1975ea83b712
Create Date: 2026-02-03 09:30:00.000000

"""
import sqlalchemy as sa
from alembic import op

revision = "aaaa00000001"
down_revision = "1975ea83b712"


def upgrade():
    op.add_column("users", sa.Column("a", sa.String(50), nullable=True))


def downgrade():
    pass
