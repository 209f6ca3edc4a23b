"""A table, an enum and an index."""
import sqlalchemy as sa
from alembic import op

revision = "001"
down_revision = None


def upgrade():
    op.create_table(
        "notes",
        sa.Column("id", sa.Integer, sa.Identity(), primary_key=True),
        sa.Column("body", sa.Text, nullable=False, comment="100% of it"),
        sa.Column("mood", sa.Enum("good", "bad", name="mood")),
        sa.Column("stars", sa.Integer, server_default="0"))
    op.create_index("notes_stars", "notes", ["stars"])


def downgrade():
    op.drop_table("notes")
    op.execute("DROP TYPE mood")
