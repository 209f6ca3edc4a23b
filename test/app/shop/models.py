"""The tables of the test with Django.

Foreign tables have no primary key that PostgreSQL knows of, so what is
grouped by it must name all columns: Django does that for tables that it does
not manage.
"""
import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper


class Author(models.Model):
    name = models.CharField(max_length=20, unique=True)
    born = models.DateField(null=True)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        managed = False


class Tag(models.Model):
    label = models.SlugField(primary_key=True)

    class Meta:
        managed = False


class Book(models.Model):
    uid = models.UUIDField(default=uuid.uuid4, unique=True)
    title = models.CharField(max_length=40)
    author = models.ForeignKey(Author, on_delete=models.CASCADE,
                               related_name="books")
    price = models.DecimalField(max_digits=8, decimal_places=2, default=0)
    stock = models.IntegerField(default=0)
    extra = models.JSONField(default=dict)
    codes = ArrayField(models.IntegerField(), default=list)
    tags = models.ManyToManyField(Tag)
    shout = models.GeneratedField(
        expression=Upper("title"), db_persist=True,
        output_field=models.CharField(max_length=40))

    class Meta:
        managed = False
        constraints = [models.CheckConstraint(
            condition=Q(stock__gte=0), name="book_stock_positive")]


class Stock(models.Model):
    sku = models.CharField(max_length=10, primary_key=True)
    amount = models.IntegerField()

    class Meta:
        managed = False
