"""An application with Django's ORM.

    django_app.py create    makes the tables on the remote, with Django's
                            own schema editor
    django_app.py           runs; APP_URL says where
"""
import os
import sys
import urllib.parse

import django
from django.conf import settings


def database(url):
    parts = urllib.parse.urlsplit(url)
    query = dict(urllib.parse.parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path[1:],
        "USER": parts.username,
        "PASSWORD": urllib.parse.unquote(parts.password or ""),
        "HOST": query.get("host", parts.hostname),
        "PORT": query.get("port", parts.port),
        "OPTIONS": {"options": query["options"]},
    }


settings.configure(
    DATABASES={"default": database(os.environ["APP_URL"]),
               "remote": database(os.environ["APP_ADMIN_URL"])},
    INSTALLED_APPS=["shop"], USE_TZ=True, TIME_ZONE="UTC",
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField")
django.setup()

# pylint: disable=wrong-import-position
from django.db import (IntegrityError, connection, connections,  # noqa: E402
                       transaction)
from django.db.models import (Avg, Count, Exists, F, OuterRef,  # noqa: E402
                              Prefetch, Q, Subquery, Sum, Value, Window)
from django.db.models.functions import Lower, RowNumber         # noqa: E402

from shop.models import Author, Book, Stock, Tag                # noqa: E402
from steps import NOT_BY_ROWS, caught, step                     # noqa: E402

MODELS = (Author, Tag, Book, Stock)


def create():
    remote = connections["remote"]
    with remote.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS app CASCADE")
        cursor.execute("CREATE SCHEMA app")
    with remote.schema_editor() as editor:
        for model in MODELS:
            editor.create_model(model)


def reset():
    with connections["remote"].cursor() as cursor:
        cursor.execute("TRUNCATE shop_book_tags, shop_book, shop_author,"
                       " shop_tag, shop_stock RESTART IDENTITY")
    remote = "remote"
    ann = Author.objects.using(remote).create(name="Ann")
    bob = Author.objects.using(remote).create(name="Bob", born="1970-01-02")
    tags = [Tag.objects.using(remote).create(label=t)
            for t in ("art", "bio", "sci")]
    for i in range(6):
        book = Book.objects.using(remote).create(
            title="Book %d" % i, author=(ann, bob)[i % 2], price=i * 10,
            stock=i, extra={"pages": i * 100, "lang": ["en", "de"][i % 2]},
            codes=[i, i + 1])
        book.tags.set(tags[:i % 4])
    for i in range(3):
        Stock.objects.using(remote).create(sku="s%d" % i, amount=10)


def there(queryset):
    """As it is committed."""
    return list(queryset.using("remote"))


def stocks():
    return there(Stock.objects.order_by("sku").values_list("sku", "amount"))


def run():
    reset()
    create_steps()
    reset()
    query_steps()
    reset()
    transaction_steps()
    reset()
    bulk_steps()


def create_steps():
    @step("create, read, update, delete")
    def _():
        author = Author.objects.create(name="Cyd", born="2000-02-29")
        book = Book.objects.create(title="New", author=author, price="12.50",
                                   extra={"a": [1, None]}, codes=[1, 2])
        fresh = Book.objects.get(uid=book.uid)
        outcome = [(fresh.title, fresh.author.name, fresh.price, fresh.extra,
                    fresh.codes, fresh.shout, str(fresh.author.born))]
        fresh.title = "Newer"
        fresh.save()
        fresh.refresh_from_db()
        outcome.append((fresh.shout, fresh.pk == book.pk))
        fresh.author.delete()
        return outcome, there(Book.objects.filter(uid=book.uid))

    @step("save of some fields, and of F expressions")
    def _():
        book = Book.objects.get(title="Book 3")
        book.stock = F("stock") + 10
        book.save(update_fields=["stock"])
        book.refresh_from_db()
        return book.stock

    @step("get_or_create and update_or_create")
    def _():
        outcome = [Author.objects.get_or_create(name=n)[1]
                   for n in ("Ann", "Dot", "Dot")]
        outcome += [Stock.objects.update_or_create(
            sku=s, defaults={"amount": 77})[1] for s in ("s0", "new")]
        return outcome, stocks()

    @step("many-to-many: set, add, remove")
    def _():
        book = Book.objects.get(title="Book 1")
        book.tags.set(["bio", "sci"])
        book.tags.add("art", "bio")
        book.tags.remove("sci")
        return sorted(there(book.tags.values_list("label", flat=True)))

    @step("delete of a queryset cascades")
    def _():
        count, each = Author.objects.filter(name="Bob").delete()
        return count, sorted(each.items()), there(
            Book.objects.order_by("title").values_list("title", flat=True))


def query_steps():
    @step("filters: lookups, Q, JSON keys, arrays, dates")
    def _():
        return [Book.objects.filter(condition).count() for condition in (
            Q(title__icontains="BOOK"), Q(title__startswith="Book 4"),
            Q(price__gt=10) & ~Q(author__name="Ann"),
            Q(extra__pages__gte=300), Q(extra__lang="de"),
            Q(codes__contains=[3]), Q(codes__overlap=[0, 5]),
            Q(tags__label="bio"), Q(author__born__year=1970),
            Q(title__in=["Book 1", "Book 2", "x"]), Q(stock__range=(1, 3)))]

    @step("aggregate, annotate, values")
    def _():
        return (Book.objects.aggregate(Sum("price"), Avg("stock"),
                                       Count("author", distinct=True)),
                list(Author.objects.annotate(
                    n=Count("books"), worth=Sum(F("books__price")
                                                * F("books__stock")))
                     .order_by("name").values_list("name", "n", "worth")),
                list(Book.objects.values("author__name").annotate(
                    Count("pk")).order_by("-author__name")))

    @step("select_related, prefetch_related")
    def _():
        books = Book.objects.select_related("author").order_by("title")
        authors = Author.objects.prefetch_related(Prefetch(
            "books", Book.objects.prefetch_related("tags").order_by("title"))
        ).order_by("name")
        return ([(b.title, b.author.name) for b in books],
                [(a.name, [(b.title, sorted(t.label for t in b.tags.all()))
                           for b in a.books.all()]) for a in authors])

    @step("subqueries, Exists, window, union, ordering, slices")
    def _():
        newest = Book.objects.filter(author=OuterRef("pk")).order_by("-price")
        ranked = Book.objects.annotate(n=Window(
            RowNumber(), partition_by=F("author"), order_by=F("price").desc()))
        return (
            list(Author.objects.annotate(top=Subquery(
                newest.values("title")[:1])).order_by("name")
                .values_list("name", "top")),
            Author.objects.filter(Exists(Book.objects.filter(
                author=OuterRef("pk"), stock=0))).count(),
            sorted(ranked.filter(n=1).values_list("title", flat=True)),
            sorted(Tag.objects.values_list("label").union(
                Author.objects.annotate(l=Lower("name")).values_list("l"))),
            list(Book.objects.order_by("-price").values_list(
                "title", flat=True)[1:3]))

    @step("iterator: server-side cursor WITH HOLD")
    def _():
        return [b.stock for b in Book.objects.order_by("pk").iterator(
            chunk_size=2)]

    @step("raw SQL, in_bulk, earliest, exists, dates")
    def _():
        with connection.cursor() as cursor:
            cursor.execute("SELECT title FROM shop_book WHERE stock > %s"
                           " ORDER BY title", [3])
            rows = cursor.fetchall()
        return (rows, sorted(Stock.objects.in_bulk()),
                Book.objects.earliest("price").title,
                Author.objects.filter(born__isnull=True).exists())


def transaction_steps():
    @step("atomic: an exception rolls back")
    def _():
        try:
            with transaction.atomic():
                Stock.objects.create(sku="gone", amount=1)
                Stock.objects.filter(sku="s0").update(amount=0)
                seen = Stock.objects.count()
                raise KeyError
        except KeyError:
            return seen, stocks()

    @step("atomic: nested, IntegrityError inside")
    def _():
        outcome = []
        with transaction.atomic():
            Stock.objects.create(sku="a", amount=1)
            for sku in ("s0", "b"):
                try:
                    with transaction.atomic():
                        Stock.objects.create(sku=sku, amount=1)
                        outcome.append("created")
                except IntegrityError as error:
                    outcome.append(type(error).__name__)
            with transaction.atomic():
                Stock.objects.filter(sku="b").update(amount=F("amount") + 1)
        return outcome, stocks()

    @step("atomic: three levels, the middle one rolled back")
    def _():
        with transaction.atomic():
            Stock.objects.filter(sku="s1").update(amount=1)
            try:
                with transaction.atomic():
                    Stock.objects.filter(sku="s1").update(amount=2)
                    with transaction.atomic():
                        Stock.objects.filter(sku="s1").update(amount=3)
                    raise KeyError
            except KeyError:
                pass
        return stocks()

    @step("atomic: on_commit, deferred foreign key")
    def _():
        calls = []
        with transaction.atomic():
            transaction.on_commit(lambda: calls.append("called"))
            Stock.objects.filter(sku="s2").update(amount=5)

        def wrong():
            with transaction.atomic():
                Book.objects.filter(title="Book 0").update(author_id=4711)
        return calls, caught(wrong)

    @step("select_for_update")
    def _():
        with transaction.atomic():
            row = Stock.objects.select_for_update().get(sku="s2")
            row.amount += 1
            row.save()
            list(Book.objects.select_related("author").select_for_update(
                of=("self",)).filter(title="Book 1"))
        return stocks()

    @step("errors: unique, check, too long, no number, no row")
    def _():
        return [caught(function) for function in (
            lambda: Author.objects.create(name="Ann"),
            lambda: Book.objects.filter(title="Book 1").update(stock=-1),
            lambda: Author.objects.create(name="x" * 30),
            lambda: Book.objects.filter(title="Book 4").update(
                stock=F("stock") * 2000000000),
            lambda: Author.objects.create(name=None),
            lambda: Stock.objects.get(sku="none"))]


def bulk_steps():
    @step("bulk_create: keys from the remote, in order")
    def _():
        author = Author.objects.get(name="Ann")
        books = Book.objects.bulk_create(
            [Book(title="b%03d" % i, author=author, stock=i)
             for i in range(300)], batch_size=200)
        stored = dict(Book.objects.using("remote").filter(
            title__startswith="b").values_list("pk", "title"))
        return (len(stored), all(stored[b.pk] == b.title for b in books),
                books[3].shout)

    @step("bulk_create: ignore_conflicts")
    def _():
        Stock.objects.bulk_create(
            [Stock(sku="s0", amount=1), Stock(sku="n0", amount=1)],
            ignore_conflicts=True)
        return stocks()

    @step("bulk_create: update_conflicts", refused=NOT_BY_ROWS)
    def _():
        Stock.objects.bulk_create(
            [Stock(sku="s0", amount=2), Stock(sku="n1", amount=2)],
            update_conflicts=True, unique_fields=["sku"],
            update_fields=["amount"])
        return stocks()

    @step("bulk_update, update with an expression")
    def _():
        books = list(Book.objects.filter(title__startswith="b"))
        for book in books:
            book.price = book.stock
        count = Book.objects.bulk_update(books, ["price"], batch_size=100)
        changed = Book.objects.filter(author__name="Ann", price__gt=250
                                      ).update(title=Value("dear"))
        return count, changed, there(
            Book.objects.filter(price=7).values_list("title", flat=True))


if __name__ == "__main__":
    if sys.argv[1:] == ["create"]:
        create()
    else:
        run()
