"""invoices

Revision ID: 0001_invoices
Revises: 
Create Date: 2026-02-01 09:30:00.000000

"""
import sqlalchemy as sa
from alembic import op

revision = "0001_invoices"
down_revision = None


def upgrade():
    op.create_table("invoices", sa.Column("id", sa.Integer(), primary_key=True))


def downgrade():
    pass
