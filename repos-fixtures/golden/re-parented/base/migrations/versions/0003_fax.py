"""fax

Revision ID: 0003_fax
Revises: 0002_phone
Create Date: 2026-02-02 09:30:00.000000

"""
import sqlalchemy as sa
from alembic import op

revision = "0003_fax"
down_revision = "0002_phone"


def upgrade():
    op.add_column("users", sa.Column("fax", sa.String(50), nullable=True))


def downgrade():
    pass
