import type { Static } from 'typebox';
import { abilities, roles } from './role-words.ts';
import { oneOf } from './schema.ts';

export const Role = oneOf(roles);
export type Role = Static<typeof Role>;

export const Ability = oneOf(abilities);
export type Ability = Static<typeof Ability>;
