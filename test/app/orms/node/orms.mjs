// Query builders and mappers of Node on the tables of ../../orms_check.py.
//
//   node orms.mjs TOOL          what it does with rows
//   node orms.mjs TOOL sync     has it make the tables as it wants them
//
// The server comes from PGHOST and so on.  Each line is a step and, after a
// tab, its outcome.
const { PGHOST, PGPORT, PGDATABASE, PGUSER, PGPASSWORD } = process.env;
const server = {
  host: PGHOST, port: Number(PGPORT), database: PGDATABASE, user: PGUSER,
  password: PGPASSWORD,
};

async function step(name, work) {
  let outcome;
  try {
    outcome = JSON.stringify(await work());
  } catch (error) {
    outcome = `error ${code(error)}`;
    console.error(name, error);
  }
  console.log(`${name}\t${outcome}`);
}

// SQLSTATE, however deep a tool has wrapped it
function code(error) {
  for (let e = error; e; e = e.cause ?? e.original ?? e.nativeError
    ?? e.driverError ?? e.parent) {
    if (/^[0-9A-Z]{5}$/.test(e.code ?? '')) return e.code;
  }
  return error.name;
}

const sync = process.argv[3] === 'sync';

const caught = async (work) => {
  try {
    await work();
  } catch (error) {
    return code(error);
  }
  return 'no error';
};

class Undo extends Error {}
const undone = async (work) => {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Undo)) throw error;
  }
};

const tools = {
  async knex() {
    const knex = (await import('knex')).default({ client: 'pg',
      connection: server });
    await queries(knex);
    await knex.destroy();
  },

  async objection() {
    const { Model } = await import('objection');
    const knex = (await import('knex')).default({ client: 'pg',
      connection: server });
    Model.knex(knex);
    class Book extends Model { static tableName = 'books'; }
    class Author extends Model {
      static tableName = 'authors';
      static relationMappings = {
        books: { relation: Model.HasManyRelation, modelClass: Book,
          join: { from: 'authors.id', to: 'books.author_id' } },
      };
    }
    await step('insert a graph', async () => {
      const author = await Author.query().insertGraph({ name: 'Ada',
        books: [{ title: 'One', price: 10 }, { title: 'Two' }] });
      return [author.id > 0, author.books.length];
    });
    await step('eager loading', async () => (await Author.query()
      .withGraphFetched('books(byTitle)').modifiers({
        byTitle: (b) => b.orderBy('title') }))
      .map((a) => [a.name, a.books.map((b) => [b.title, b.genre, b.price])]));
    await step('joined loading', async () => (await Author.query()
      .withGraphJoined('books').orderBy('books.title'))
      .map((a) => a.books.map((b) => b.title)));
    await step('update and fetch', async () => (await Book.query()
      .patch({ price: 12.5 }).where({ title: 'Two' }).returning('*'))
      .map((b) => b.price));
    await step('rollback', async () => {
      await undone(() => Author.transaction(async (trx) => {
        await Author.query(trx).insert({ name: 'Bo' });
        throw new Undo();
      }));
      return Author.query().resultSize();
    });
    await step('unique violation', () => caught(() => Author.query()
      .insert({ name: 'Ada' })));
    await step('delete', async () => [await Book.query().delete(),
      await Author.query().delete()]);
    await knex.destroy();
  },

  async kysely() {
    const { Kysely, PostgresDialect, sql } = await import('kysely');
    const { jsonArrayFrom } = await import('kysely/helpers/postgres');
    const pg = (await import('pg')).default;
    const db = new Kysely({ dialect: new PostgresDialect({
      pool: new pg.Pool(server) }) });
    await step('insert, returning', async () => (await db.insertInto('authors')
      .values([{ name: 'Ada' }, { name: 'Bo' }]).returning(['name'])
      .execute()).map((r) => r.name));
    await step('insert from a select', async () => (await db.insertInto('books')
      .columns(['author_id', 'title', 'price'])
      .expression(db.selectFrom('authors').select(['id',
        sql`'By ' || name`.as('title'), sql`length(name) * 1.5`.as('price')]))
      .returning(['title', 'genre', 'price']).execute())
      .sort((a, b) => (a.title < b.title ? -1 : 1)));
    await step('nested rows as JSON', async () => (await db
      .selectFrom('authors').select((eb) => ['name', jsonArrayFrom(eb
        .selectFrom('books').select(['books.title'])
        .whereRef('books.author_id', '=', 'authors.id')).as('books')])
      .orderBy('name').execute()));
    await step('upsert', async () => (await db.insertInto('authors')
      .values({ name: 'Ada', born: '1815-12-10' }).onConflict((oc) => oc
        .column('name').doUpdateSet({ born: (eb) => eb.ref('excluded.born') }))
      .returning(sql`born::text`.as('born')).executeTakeFirst()).born);
    await step('window function in a CTE', async () => (await db
      .with('ranked', (q) => q.selectFrom('books').select(['title',
        sql`rank() OVER (ORDER BY price DESC)`.as('place')]))
      .selectFrom('ranked').selectAll().orderBy('place').execute()));
    await step('rollback', async () => {
      await undone(() => db.transaction().execute(async (trx) => {
        await trx.deleteFrom('books').execute();
        throw new Undo();
      }));
      return (await db.selectFrom('books').select(sql`count(*)::int`.as('n'))
        .executeTakeFirst()).n;
    });
    await step('unique violation', () => caught(() => db.insertInto('authors')
      .values({ name: 'Bo' }).execute()));
    await step('delete using', async () => Number((await db.deleteFrom('books')
      .using('authors').whereRef('authors.id', '=', 'books.author_id')
      .where('name', '=', 'Bo').executeTakeFirst()).numDeletedRows));
    await db.destroy();
  },

  async drizzle() {
    const { drizzle } = await import('drizzle-orm/node-postgres');
    const { relations, eq, sql } = await import('drizzle-orm');
    const c = await import('drizzle-orm/pg-core');
    const pg = (await import('pg')).default;
    const genre = c.pgEnum('genre', ['novel', 'essay']);
    const authors = c.pgTable('authors', {
      id: c.serial('id').primaryKey(), name: c.text('name').notNull(),
      born: c.date('born'),
    });
    const books = c.pgTable('books', {
      id: c.bigint('id', { mode: 'number' }).generatedByDefaultAsIdentity()
        .primaryKey(),
      authorId: c.integer('author_id').notNull(),
      title: c.text('title').notNull(), genre: genre('genre').notNull()
        .default('novel'), price: c.numeric('price'),
    });
    const schema = { authors, books,
      authorsRelations: relations(authors, ({ many }) => ({
        books: many(books) })),
      booksRelations: relations(books, ({ one }) => ({ author: one(authors, {
        fields: [books.authorId], references: [authors.id] }) })) };
    const pool = new pg.Pool(server);
    const db = drizzle(pool, { schema });
    await step('insert, returning', async () => {
      const [ada] = await db.insert(authors).values({ name: 'Ada' })
        .returning();
      const rows = await db.insert(books).values([
        { authorId: ada.id, title: 'One', price: '10' },
        { authorId: ada.id, title: 'Two', genre: 'essay' }])
        .returning({ title: books.title, genre: books.genre });
      return rows;
    });
    await step('relational query', async () => (await db.query.authors
      .findMany({ with: { books: { orderBy: books.title } } }))
      .map((a) => [a.name, a.books.map((b) => [b.title, b.genre, b.price])]));
    await step('upsert', async () => (await db.insert(authors)
      .values({ name: 'Ada', born: '1815-12-10' }).onConflictDoUpdate({
        target: authors.name, set: { born: sql`excluded.born` } })
      .returning()).map((a) => a.born));
    await step('prepared', async () => {
      const query = db.select({ title: books.title }).from(books)
        .where(eq(books.title, sql.placeholder('title'))).prepare('by_title');
      return [await query.execute({ title: 'One' }),
        await query.execute({ title: 'None' })];
    });
    await step('rollback', async () => {
      await undone(() => db.transaction(async (tx) => {
        await tx.transaction(async (inner) => inner.update(books)
          .set({ price: '99' }));
        throw new Undo();
      }));
      return (await db.select({ price: books.price }).from(books)
        .orderBy(books.title)).map((b) => b.price);
    });
    await step('unique violation', () => caught(() => db.insert(authors)
      .values({ name: 'Ada' })));
    await step('delete', async () => (await db.delete(books).returning())
      .length);
    await pool.end();
  },

  async sequelize() {
    const { Sequelize, DataTypes } = await import('sequelize');
    const db = new Sequelize({ dialect: 'postgres', logging: false,
      host: server.host, port: server.port, database: server.database,
      username: server.user, password: server.password,
      define: { timestamps: false } });
    const Author = db.define('author', { name: DataTypes.TEXT,
      born: DataTypes.DATEONLY });
    const Book = db.define('book', { title: DataTypes.TEXT,
      price: DataTypes.DECIMAL(8, 2) });
    Author.hasMany(Book, { foreignKey: 'author_id' });
    Book.belongsTo(Author, { foreignKey: 'author_id' });
    if (sync) return step('sync', () => db.sync({ alter: true }));
    await step('create with what belongs to it', async () => {
      const ada = await Author.create({ name: 'Ada', books: [
        { title: 'One', price: 10 }, { title: 'Two' }] }, { include: Book });
      return [ada.id > 0, ada.books.length];
    });
    await step('include', async () => (await Author.findAll({ include: Book,
      order: [[Book, 'title', 'ASC']] })).map((a) => [a.name,
      a.books.map((b) => [b.title, b.price])]));
    await step('bulkCreate, updating duplicates', async () => {
      await Author.bulkCreate([{ name: 'Ada', born: '1815-12-10' },
        { name: 'Bo' }], { updateOnDuplicate: ['born'],
        conflictAttributes: ['name'] });
      return (await Author.findAll({ order: ['name'] })).map((a) => [a.name,
        a.born]);
    });
    await step('findOrCreate', async () => (await Author.findOrCreate({
      where: { name: 'Cy' } }))[1]);
    await step('increment', async () => {
      const book = await Book.findOne({ where: { title: 'One' } });
      await book.increment('price', { by: 2 });
      return (await book.reload()).price;
    });
    await step('rollback', async () => {
      await undone(() => db.transaction(async (transaction) => {
        await Author.create({ name: 'Di' }, { transaction });
        throw new Undo();
      }));
      return Author.count();
    });
    await step('unique violation', () => caught(() => Author.create({
      name: 'Ada' })));
    await step('destroy', () => Book.destroy({ where: {} }));
    await db.close();
  },

  async typeorm() {
    await import('reflect-metadata');
    const { DataSource, EntitySchema } = await import('typeorm');
    const Author = new EntitySchema({ name: 'Author', tableName: 'authors',
      columns: { id: { type: Number, primary: true, generated: true },
        name: { type: 'text' }, born: { type: 'date', nullable: true } },
      relations: { books: { type: 'one-to-many', target: 'Book',
        inverseSide: 'author', cascade: true } } });
    const Book = new EntitySchema({ name: 'Book', tableName: 'books',
      columns: { id: { type: 'bigint', primary: true, generated: 'identity' },
        title: { type: 'text' }, genre: { type: 'text', default: 'novel' },
        price: { type: 'numeric', nullable: true } },
      relations: { author: { type: 'many-to-one', target: 'Author',
        joinColumn: { name: 'author_id' }, inverseSide: 'books' } } });
    const db = await new DataSource({ type: 'postgres', host: server.host,
      port: server.port, database: server.database, username: server.user,
      password: server.password, entities: [Author, Book],
      installExtensions: false }).initialize();
    if (sync) return step('sync', () => db.synchronize());
    const authors = db.getRepository(Author);
    await step('save a graph', async () => {
      const ada = await authors.save({ name: 'Ada', books: [
        { title: 'One', price: 10 }, { title: 'Two' }] });
      return [ada.id > 0, ada.books.map((b) => b.genre)];
    });
    await step('relations', async () => (await authors.find({
      relations: { books: true }, order: { books: { title: 'ASC' } } }))
      .map((a) => [a.name, a.books.map((b) => [b.title, b.price])]));
    await step('query builder', async () => db.createQueryBuilder()
      .update(Book).set({ price: 12.5 }).where('title = :title', {
        title: 'Two' }).returning('price').execute().then((r) => r.raw));
    await step('upsert', async () => {
      await authors.upsert([{ name: 'Ada', born: '1815-12-10' }], ['name']);
      return (await authors.findOneBy({ name: 'Ada' })).born;
    });
    await step('rollback', async () => {
      await undone(() => db.transaction(async (manager) => {
        await manager.save(Author, { name: 'Bo' });
        throw new Undo();
      }));
      return authors.count();
    });
    await step('unique violation', () => caught(() => authors.insert({
      name: 'Ada' })));
    await step('remove', async () => {
      await db.getRepository(Book).remove(await db.getRepository(Book).find());
      return db.getRepository(Book).count();
    });
    await db.destroy();
  },

  async postgresjs() {
    const sql = (await import('postgres')).default({ ...server, max: 3,
      onnotice() {} });
    await step('insert of rows, returning', async () => (await sql`
      INSERT INTO authors ${sql([{ name: 'Ada' }, { name: 'Bo' }])}
      RETURNING name`).map((r) => r.name));
    await step('parameters and arrays', async () => (await sql`SELECT name
      FROM authors WHERE name = ANY(${['Ada', 'Cy']})`).map((r) => r.name));
    await step('cursor', async () => {
      const seen = [];
      for await (const rows of sql`SELECT name FROM authors ORDER BY name`
        .cursor(1)) seen.push(rows[0].name);
      return seen;
    });
    await step('pipelined queries', async () => (await Promise.all([1, 2, 3]
      .map((n) => sql`SELECT count(*)::int + ${n}::int AS n FROM authors`)))
      .map((r) => r[0].n));
    await step('rollback and savepoint', async () => {
      await undone(() => sql.begin(async (tx) => {
        await tx`INSERT INTO authors (name) VALUES ('Cy')`;
        await caught(() => tx.savepoint((sp) => sp`INSERT INTO authors (name)
          VALUES ('Ada')`));
        await tx`INSERT INTO authors (name) VALUES ('Di')`;
        throw new Undo();
      }));
      return (await sql`SELECT count(*)::int AS n FROM authors`)[0].n;
    });
    await step('unique violation', () => caught(() => sql`INSERT INTO authors
      (name) VALUES ('Ada')`));
    await step('delete', async () => (await sql`DELETE FROM authors`).count);
    await sql.end();
  },

  async mikroorm() {
    const { MikroORM, EntitySchema } = await import('@mikro-orm/postgresql');
    const Author = new EntitySchema({ name: 'Author', tableName: 'authors',
      properties: { id: { type: 'number', primary: true },
        name: { type: 'string' }, books: { kind: '1:m', entity: 'Book',
          mappedBy: 'author' } } });
    const Book = new EntitySchema({ name: 'Book', tableName: 'books',
      properties: { id: { type: 'bigint', primary: true },
        title: { type: 'string' }, price: { type: 'decimal', nullable: true },
        author: { kind: 'm:1', entity: 'Author', fieldName: 'author_id' } } });
    const orm = await MikroORM.init({ entities: [Author, Book],
      host: server.host, port: server.port, dbName: server.database,
      user: server.user, password: server.password });
    if (sync) return step('sync', () => orm.schema.updateSchema());
    await step('unit of work', async () => {
      const em = orm.em.fork();
      const ada = em.create('Author', { name: 'Ada', books: [
        { title: 'One', price: '10' }, { title: 'Two' }] });
      await em.flush();
      return [ada.id > 0, ada.books.length];
    });
    await step('populate', async () => (await orm.em.fork().find('Author', {},
      { populate: ['books'], orderBy: { books: { title: 'asc' } } }))
      .map((a) => [a.name, a.books.getItems().map((b) => [b.title,
        b.price])]));
    await step('change and flush', async () => {
      const em = orm.em.fork();
      (await em.findOneOrFail('Book', { title: 'Two' })).price = '12.50';
      await em.flush();
      return (await orm.em.fork().findOneOrFail('Book', { title: 'Two' }))
        .price;
    });
    await step('rollback', async () => {
      await undone(() => orm.em.fork().transactional(async (em) => {
        em.create('Author', { name: 'Bo' });
        await em.flush();
        throw new Undo();
      }));
      return orm.em.fork().count('Author');
    });
    await step('unique violation', () => caught(async () => {
      const em = orm.em.fork();
      em.create('Author', { name: 'Ada' });
      await em.flush();
    }));
    await step('delete', () => orm.em.fork().nativeDelete('Book', {}));
    await orm.close();
  },
};

async function queries(knex) {
  await step('insert, returning', async () => (await knex('authors')
    .insert([{ name: 'Ada' }, { name: 'Bo' }]).returning('name')));
  await step('insert from a select', async () => {
    await knex(knex.raw('books (author_id, title, price)')).insert(
      knex('authors').select('id', knex.raw("'By ' || name"), knex.raw('2.5')));
    return knex('books').select('title', 'genre', 'price').orderBy('title');
  });
  await step('join and group', async () => knex('authors')
    .leftJoin('books', 'authors.id', 'author_id').groupBy('name')
    .select('name').count('books.id as n').orderBy('name'));
  await step('upsert', async () => knex('authors')
    .insert({ name: 'Ada', born: '1815-12-10' }).onConflict('name').merge()
    .returning(knex.raw('born::text')));
  await step('rollback to a savepoint', async () => {
    await knex.transaction(async (trx) => {
      await undone(() => trx.transaction(async (inner) => {
        await inner('books').del();
        throw new Undo();
      }));
      await trx('books').where({ title: 'By Bo' }).update({ price: 3 });
    });
    return knex('books').select('title', 'price').orderBy('title');
  });
  await step('unique violation', () => caught(() => knex('authors')
    .insert({ name: 'Ada' })));
  await step('delete', () => knex('books').del());
}

await tools[process.argv[2]]();
if (sync) process.exit();
