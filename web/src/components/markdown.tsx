import { marked, type Token, type Tokens } from 'marked';
import { Children, type ReactNode, useMemo } from 'react';
import { reachable } from './code.tsx';
import styles from './markdown.module.css';

/**
 * Text that a publisher wrote, in the safe subset: marked only reads it into tokens, and React elements are made of those
 * that are known here. HTML in it is shown as the text it is; images are left out, since they would call strangers' servers.
 */
export function MarkdownView({ text }: { text: string }) {
  const tokens = useMemo(() => marked.lexer(text, { gfm: true, breaks: false }), [text]);
  return <div className={styles.prose}>{render(tokens)}</div>;
}

/** Tokens have no identity; toArray makes their place their key, and the tree is made anew when the text changes. */
const render = (tokens: readonly Token[]): ReactNode => Children.toArray(tokens.map(element));

const listItem = (item: Tokens.ListItem) => <li>{render(item.tokens)}</li>;
const headerCell = (cell: Tokens.TableCell) => <th scope="col">{render(cell.tokens)}</th>;
const cell = (c: Tokens.TableCell) => <td>{render(c.tokens)}</td>;
const row = (cells: readonly Tokens.TableCell[]) => <tr>{Children.toArray(cells.map(cell))}</tr>;

function element(token: Token): ReactNode {
  switch (token.type) {
    case 'heading': {
      const { depth, tokens } = token as Tokens.Heading;
      return depth <= 2 ? <h3>{render(tokens)}</h3> : <h4>{render(tokens)}</h4>;
    }
    case 'paragraph':
      return <p>{render((token as Tokens.Paragraph).tokens)}</p>;
    case 'list': {
      const { ordered, start, items } = token as Tokens.List;
      const children = Children.toArray(items.map(listItem));
      return ordered ? (
        <ol start={typeof start === 'number' ? start : 1}>{children}</ol>
      ) : (
        <ul>{children}</ul>
      );
    }
    case 'blockquote':
      return <blockquote>{render((token as Tokens.Blockquote).tokens)}</blockquote>;
    case 'code':
      return (
        <section {...reachable} aria-label="Code">
          <pre>
            <code>{(token as Tokens.Code).text}</code>
          </pre>
        </section>
      );
    case 'table':
      return <Table table={token as Tokens.Table} />;
    case 'hr':
      return <hr />;
    case 'space':
      return null;
    default:
      return inline(token);
  }
}

function inline(token: Token): ReactNode {
  switch (token.type) {
    case 'strong':
      return <strong>{render((token as Tokens.Strong).tokens)}</strong>;
    case 'em':
      return <em>{render((token as Tokens.Em).tokens)}</em>;
    case 'del':
      return <del>{render((token as Tokens.Del).tokens)}</del>;
    case 'codespan':
      return <code>{(token as Tokens.Codespan).text}</code>;
    case 'br':
      return <br />;
    case 'link': {
      const { href, tokens } = token as Tokens.Link;
      if (!/^(https?:\/\/|mailto:)/i.test(href)) return render(tokens);
      return (
        <a href={href} target="_blank" rel="noopener noreferrer nofollow ugc">
          {render(tokens)}
        </a>
      );
    }
    case 'image':
      return (token as Tokens.Image).text;
    case 'escape':
      return (token as Tokens.Escape).text;
    case 'text': {
      const { tokens, text } = token as Tokens.Text;
      return tokens ? render(tokens) : decoded(text);
    }
    default:
      return token.raw;
  }
}

function Table({ table }: { table: Tokens.Table }) {
  return (
    <section className={styles.scroll} {...reachable} aria-label="Table">
      <table>
        <thead>
          <tr>{Children.toArray(table.header.map(headerCell))}</tr>
        </thead>
        <tbody>{Children.toArray(table.rows.map(row))}</tbody>
      </table>
    </section>
  );
}

const entities: Record<string, string> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};
const decoded = (text: string) =>
  text.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => entities[entity] ?? entity);
