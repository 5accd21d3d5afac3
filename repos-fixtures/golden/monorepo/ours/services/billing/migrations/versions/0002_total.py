"""total

Revision ID: 0002_total
Revises: 0001_invoices
Create Date: 2026-02-03 09:30:00.000000

"""
import sqlalchemy as sa
from alembic import op

revision = "0002_total"
down_revision = "0001_invoices"


def upgrade():
    op.add_column("invoices", sa.Column("total", sa.String(50), nullable=True))


def downgrade():
    pass
