-- Registered with a container image and nothing beside it: the archive then only names the image, and nothing of it is unpacked.
alter table model_packages add column image_only boolean not null default false;
alter table algorithms add column image_only boolean not null default false;
create index model_packages_image on model_packages ((inference_specification -> 'container' ->> 'image')) where inference_specification ? 'container';
create index algorithms_image on algorithms ((training_specification -> 'container' ->> 'image')) where training_specification ? 'container';
