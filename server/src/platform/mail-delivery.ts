export interface Letter {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly at: Date;
}

export interface DeliveryFailure {
  readonly problem: string;
  /** The server will say no again, however often it is asked. */
  readonly permanent: boolean;
}

/** nodemailer is loaded when the first mail goes out: most processes never send one. */
const library = () => import('nodemailer');

/** The mail as a file (RFC 5322). */
export async function render(letter: Letter): Promise<Buffer> {
  const { createTransport } = await library();
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  const { message } = await transport.sendMail(envelopeOf(letter));
  return Buffer.isBuffer(message) ? message : Buffer.from(await new Response(message as never).arrayBuffer());
}

/** Gives the mail to the SMTP server; undefined when the server took it. */
export async function deliver(letter: Letter, smtpUrl: string): Promise<DeliveryFailure | undefined> {
  const { createTransport } = await library();
  const transport = createTransport({
    url: smtpUrl,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 30_000,
  });
  try {
    await transport.sendMail(envelopeOf(letter));
    return undefined;
  } catch (error) {
    const { code, responseCode, message } = error as Error & { code?: string; responseCode?: number };
    // A wrong password or a refused sender of ours can be mended by the operator, and then the mail still goes out.
    const permanent = code === 'EENVELOPE' && (responseCode ?? 0) >= 550 && (responseCode ?? 0) < 560;
    return { problem: message.slice(0, 500), permanent };
  } finally {
    transport.close();
  }
}

function envelopeOf({ id, from, to, subject, text, at }: Letter) {
  const domain = /@([\w.-]+)/.exec(from)?.[1] ?? 'localhost';
  return {
    from,
    // As an object, so that an address is never read as a list of them.
    to: { name: '', address: to },
    subject,
    text,
    date: at,
    messageId: `<${id}@${domain}>`,
    headers: { 'auto-submitted': 'auto-generated' },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}
