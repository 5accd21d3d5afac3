"""Add phone, as "E.164"

Revision ID: ae1027a6acf
Revises: 1975ea83b712
Create Date: 2026-02-03 09:30:00.000000

"""
import sqlalchemy as sa
from alembic import op

revision = "ae1027a6acf"
down_revision = "1975ea83b712"


def upgrade():
    op.add_column("users", sa.Column("phone", sa.String(50), nullable=True))


def downgrade():
    pass
