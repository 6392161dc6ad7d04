-- Two roles for Collab, in the database that the session is in. The owner makes and changes the tables (`migrate`, `renew-epochs`); the server's own role reads and
-- writes rows, and can do nothing else. With psql:
--
--   psql --dbname=collab --set=owner_password=… --set=server_password=… --file=roles.sql

CREATE ROLE collab_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE collab LOGIN PASSWORD :'server_password';

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO collab_owner;
GRANT USAGE ON SCHEMA public TO collab;

ALTER DEFAULT PRIVILEGES FOR ROLE collab_owner IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO collab;
ALTER DEFAULT PRIVILEGES FOR ROLE collab_owner IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO collab;
