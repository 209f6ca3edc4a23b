--
-- What test/upgrade/run compares, before and afterwards: catalogs without what
-- is a number of its own in each cluster, options in one order, and rows.  17 gives
-- owners the right to maintain, and has types of rows among an extension's members.
--
SELECT extname, extversion, extnamespace::regnamespace FROM pg_extension WHERE extname = 'neon_http_fdw';
SELECT pg_describe_object(classid, objid, 0), replace(coalesce(proacl, relacl)::text, 'xtm', 'xt'), obj_description(objid, classid::regclass::name)
FROM pg_depend LEFT JOIN pg_proc p ON p.oid = objid AND classid = 'pg_proc'::regclass
  LEFT JOIN pg_class c ON c.oid = objid AND classid = 'pg_class'::regclass
WHERE deptype = 'e' AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'neon_http_fdw') AND classid <> 'pg_type'::regclass
ORDER BY 1;
SELECT fdwname, fdwacl FROM pg_foreign_data_wrapper;
SELECT srvname, srvtype, srvversion, srvacl, ARRAY(SELECT unnest(srvoptions) ORDER BY 1), obj_description(oid, 'pg_foreign_server') FROM pg_foreign_server ORDER BY 1;
SELECT srvname, usename, ARRAY(SELECT unnest(umoptions) ORDER BY 1) FROM pg_user_mappings ORDER BY 1, 2;
SELECT ftrelid::regclass::text COLLATE "C" AS name, srvname, ARRAY(SELECT unnest(ftoptions) ORDER BY 1), replace(relacl::text, 'xtm', 'xt'), relispartition
FROM pg_foreign_table JOIN pg_foreign_server s ON s.oid = ftserver JOIN pg_class c ON c.oid = ftrelid ORDER BY 1;
SELECT attrelid::regclass::text COLLATE "C" AS name, attnum, attname, format_type(atttypid, atttypmod), attnotnull, attgenerated,
  ARRAY(SELECT unnest(attfdwoptions) ORDER BY 1), nullif(attstattarget, -1)
FROM pg_attribute JOIN pg_foreign_table ON ftrelid = attrelid WHERE attnum > 0 AND NOT attisdropped ORDER BY 1, 2;
SELECT setconfig FROM pg_db_role_setting WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database());

SELECT count(*), md5(string_agg(t::text, ' ' ORDER BY id)) FROM customers t;
SELECT count(*), sum(total) FROM orders;
SELECT count(*), md5(string_agg(t::text, ' ' ORDER BY id)) FROM attached.kept t;
SELECT * FROM by_hand WHERE key % 250 = 0 ORDER BY key;
SELECT * FROM parted ORDER BY id;
SELECT * FROM seen ORDER BY key;
SELECT * FROM kept_here ORDER BY key;
SELECT asked();
SELECT count(*) >= 0 FROM watched;
SET ROLE :"reader";
SELECT count(*) FROM by_hand;
RESET ROLE;
