-- User names and passwords: those that targets ask for, and those that streams ask their encoders for. Columns
-- called password, backup_password and ingest_password hold sealed text like key: see src/store/seal.rs.

alter table targets add column user text;
alter table targets add column password blob check ((password is null) = (user is null));
alter table targets add column backup_user text;
alter table targets add column backup_password blob
    check ((backup_password is null) = (backup_user is null));

alter table streams add column ingest_user text;
alter table streams add column ingest_password blob check ((ingest_password is null) = (ingest_user is null));
