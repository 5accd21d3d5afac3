"""email

Revision ID: 0002b_email
Revises: 0002_phone
Create Date: 2026-02-03 09:30:00.000000

"""
import sqlalchemy as sa
from alembic import op

revision = "0002b_email"
down_revision = "0002_phone"


def upgrade():
    op.add_column("users", sa.Column("mail", sa.String(50), nullable=True))


def downgrade():
    pass
