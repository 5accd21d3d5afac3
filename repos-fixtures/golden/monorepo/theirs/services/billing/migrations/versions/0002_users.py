"""users

Revision ID: 0002_users
Revises: 0001_invoices
Create Date: 2026-02-04 09:30:00.000000

"""
import sqlalchemy as sa
from alembic import op

revision = "0002_users"
down_revision = "0001_invoices"


def upgrade():
    op.add_column("invoices", sa.Column("a", sa.String(50), nullable=True))


def downgrade():
    pass
