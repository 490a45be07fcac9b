/** A file or folder of an image as all its layers together leave it. */
export type TreeNode = {
  kind: 'file' | 'folder' | 'link';
  mode: number;
  sizeBytes: number;
  /** Of a symbolic link. */
  target: string;
  /** Which layer put it there last. */
  layer: number;
  children: Map<string, TreeNode> | null;
};

const hopsMax = 40;

/** The file system that a container of the image sees: layers over layers, with what they take away. */
export class RootTree {
  readonly #top: TreeNode = folderOf(0);

  get top(): TreeNode {
    return this.#top;
  }

  put(path: string, node: Omit<TreeNode, 'children'>): void {
    const parts = path.split('/');
    const name = parts.pop() ?? '';
    const parent = this.#folder(parts, node.layer);
    const before = parent.children?.get(name);
    // A folder over a folder adds to it; anything else takes the place of what was there.
    if (node.kind === 'folder' && before?.kind === 'folder') {
      Object.assign(before, node, { children: before.children });
      return;
    }
    parent.children?.set(name, { ...node, children: node.kind === 'folder' ? new Map() : null });
  }

  /** A whiteout: what lower layers have under this name is gone; what this layer itself has stays. */
  remove(path: string, layer: number): void {
    const parts = path.split('/');
    const name = parts.pop() ?? '';
    const parent = this.#find(parts);
    const node = parent?.children?.get(name);
    if (parent && node && prune(node, layer)) parent.children?.delete(name);
  }

  /** An opaque folder: of lower layers nothing is left in it. */
  clear(path: string, layer: number): void {
    const node = this.#find(path === '' ? [] : path.split('/'));
    for (const [name, child] of node?.children ?? []) if (prune(child, layer)) node?.children?.delete(name);
  }

  /** What a path leads to, links followed as inside the container. */
  resolve(path: string): { readonly path: string; readonly node: TreeNode } | null {
    let parts = path.split('/').filter((p) => p !== '' && p !== '.');
    let hops = 0;
    let at: TreeNode = this.#top;
    const walked: string[] = [];
    while (parts.length > 0) {
      const [name = '', ...rest] = parts;
      if (name === '..') {
        walked.pop();
        at = this.#find(walked) ?? this.#top;
        parts = rest;
        continue;
      }
      const next = at.children?.get(name);
      if (next === undefined) return null;
      if (next.kind === 'link') {
        if (++hops > hopsMax) return null;
        const target = next.target.split('/').filter((p) => p !== '' && p !== '.');
        if (next.target.startsWith('/')) {
          walked.length = 0;
          at = this.#top;
        }
        parts = [...target, ...rest];
        continue;
      }
      walked.push(name);
      at = next;
      parts = rest;
    }
    return { path: walked.join('/'), node: at };
  }

  /** Without following a link in the last place. */
  find(path: string): TreeNode | undefined {
    return this.#find(path.split('/'));
  }

  *files(): Generator<{ readonly path: string; readonly node: TreeNode }> {
    yield* below(this.#top, '');
  }

  #find(parts: readonly string[]): TreeNode | undefined {
    let at: TreeNode | undefined = this.#top;
    for (const part of parts) at = at?.children?.get(part);
    return at;
  }

  #folder(parts: readonly string[], layer: number): TreeNode {
    let at = this.#top;
    for (const part of parts) {
      let next = at.children?.get(part);
      if (next?.kind !== 'folder') {
        next = folderOf(layer);
        at.children?.set(part, next);
      }
      at = next;
    }
    return at;
  }
}

const folderOf = (layer: number): TreeNode => ({
  kind: 'folder',
  mode: 0o755,
  sizeBytes: 0,
  target: '',
  layer,
  children: new Map(),
});

/** True when nothing of this layer is left in it. */
function prune(node: TreeNode, layer: number): boolean {
  for (const [name, child] of node.children ?? []) if (prune(child, layer)) node.children?.delete(name);
  return node.layer < layer && (node.children === null || node.children.size === 0);
}

function* below(node: TreeNode, prefix: string): Generator<{ path: string; node: TreeNode }> {
  for (const [name, child] of node.children ?? []) {
    const path = prefix === '' ? name : `${prefix}/${name}`;
    if (child.kind === 'file') yield { path, node: child };
    else yield* below(child, path);
  }
}
