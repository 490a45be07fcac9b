-- What is disputed may be a finding of a registered algorithm.
alter table disputes add column algorithm text;
