-- An endpoint may run a model that its account trained.
alter table endpoint_variants add column model_package text;
comment on column endpoint_variants.model_package is 'Name of the account''s own model package; null where the product itself runs. Kept by name: what runs stays when the package is deleted, and cannot be updated then.';
