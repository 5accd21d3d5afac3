"""invoices

Revision ID: b111b111b111
Revises: 
Create Date: 2026-02-02 09:30:00.000000

"""
import sqlalchemy as sa
from alembic import op

revision = "b111b111b111"
down_revision = None
branch_labels = ("billing",)


def upgrade():
    op.create_table("invoices", sa.Column("id", sa.Integer(), primary_key=True))


def downgrade():
    pass
