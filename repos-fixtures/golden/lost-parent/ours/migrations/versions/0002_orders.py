"""orders

Revision ID: 0002_orders
Revises: 0001_users
Create Date: 2026-02-03 09:30:00.000000

"""
import sqlalchemy as sa
from alembic import op

revision = "0002_orders"
down_revision = "0001_users"


def upgrade():
    op.create_table("orders", sa.Column("id", sa.Integer(), primary_key=True))


def downgrade():
    pass
