"""merge total and users

Revision ID: 89e16e828b7f
Revises: 0002_total, 0002_users
Create Date: 2026-02-04 09:30:00.000000

Reconciles:
- 0002_total: total
- 0002_users: users
"""

from typing import Sequence, Union

# revision identifiers, used by Alembic.
revision: str = "89e16e828b7f"
down_revision: Union[str, Sequence[str], None] = (
    "0002_total",
    "0002_users",
)
branch_labels: Union[str, Sequence[str], None] = None
depends_on: Union[str, Sequence[str], None] = None


def upgrade() -> None:
    """Merge point: the lines were applied before, nothing is changed."""
    pass


def downgrade() -> None:
    """Back to several heads, nothing is changed."""
    pass
