"""address

Revision ID: 0004_address
Revises: 0003_fax
Create Date: 2026-02-04 09:30:00.000000

"""
import sqlalchemy as sa
from alembic import op

revision = "0004_address"
down_revision = "0003_fax"


def upgrade():
    op.add_column("users", sa.Column("address", sa.String(50), nullable=True))


def downgrade():
    pass
