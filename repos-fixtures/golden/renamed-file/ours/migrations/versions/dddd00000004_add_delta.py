"""add delta, and say why

Revision ID: dddd00000004
Revises: 1975ea83b712
Create Date: 2026-02-02 09:30:00.000000

"""
import sqlalchemy as sa
from alembic import op

revision = "dddd00000004"
down_revision = "1975ea83b712"


def upgrade():
    op.add_column("users", sa.Column("d", sa.String(50), nullable=True))


def downgrade():
    pass
