"""What Tortoise maps, in a module as it wants it."""
from tortoise import fields
from tortoise.models import Model


class Author(Model):
    id = fields.IntField(primary_key=True)
    name = fields.TextField()
    books: fields.ReverseRelation["Book"]

    class Meta:
        table = "authors"


class Book(Model):
    id = fields.BigIntField(primary_key=True)
    author = fields.ForeignKeyField("m.Author", related_name="books")
    title = fields.TextField()

    class Meta:
        table = "books"
