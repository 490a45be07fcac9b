-- What a version is served from (domains/runtime/servable.ts): until now always an ONNX package.
alter table product_versions add column servable jsonb;
update product_versions v set servable = jsonb_build_object('kind', 'onnx', 'packageSha256', package_sha256, 'modelName', model_name, 'batching', null)
  from products p where p.id = v.product_id and p.type <> 'algorithm';
alter table deployments add column servable jsonb;
update deployments set servable = jsonb_build_object('kind', 'onnx', 'packageSha256', package_sha256, 'modelName', model_name, 'batching', null);
alter table deployments alter column servable set not null;
