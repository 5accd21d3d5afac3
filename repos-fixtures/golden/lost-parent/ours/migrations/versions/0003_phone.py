"""phone

Revision ID: 0003_phone
Revises: 0002_orders
Create Date: 2026-02-02 09:30:00.000000

"""
import sqlalchemy as sa
from alembic import op

revision = "0003_phone"
down_revision = "0002_orders"


def upgrade():
    op.add_column("users", sa.Column("phone", sa.String(50), nullable=True))


def downgrade():
    pass
