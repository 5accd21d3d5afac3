"""add contact

Revision ID: bbbb00000002
Revises: 1975ea83b712
Create Date: 2026-02-04 09:30:00.000000

"""
from typing import Sequence, Union

import sqlalchemy as sa
from alembic import op

revision: str = "bbbb00000002"
down_revision: Union[str, Sequence[str], None] = "1975ea83b712"
branch_labels: Union[str, Sequence[str], None] = None
depends_on: Union[str, Sequence[str], None] = None


def upgrade():
    op.add_column("users", sa.Column("address", sa.String(50), nullable=True))


def downgrade():
    pass
