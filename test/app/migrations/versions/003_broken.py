"""Fails after its first step."""
from alembic import op

revision = "003"
down_revision = "002"


def upgrade():
    op.drop_column("notes", "mood")
    op.drop_table("nowhere")


def downgrade():
    pass
