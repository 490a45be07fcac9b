import type { BodyOf, operations, WebServiceTest } from '@souk/contract';
import type { Member } from '../../platform/authorize.ts';
import { inTx } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { type EndpointCaller, NotServing } from '../endpoints/index.ts';
import { countUsage } from '../metering/index.ts';
import { AnswerProblem, answerRows, type ModelCall, modelCall } from './webservices.rows.ts';
import type { WebServices } from './webservices.service.ts';
import { CallProblem, outputColumns, shownCell } from './webservices.values.ts';

/** The form of the page: a call without a key, by who may manage the web service. It costs what a call costs. */
export function newWebServiceTrial(
  { db, clock }: Pick<Platform, 'db' | 'clock'>,
  services: Pick<WebServices, 'own'>,
  call: EndpointCaller,
) {
  return async function trial(
    caller: Member,
    id: string,
    { rows, parameters = {} }: BodyOf<typeof operations.testWebService>,
  ): Promise<WebServiceTest> {
    const s = await services.own(caller.accountId, id);
    const columnNames = Object.keys(rows[0] ?? {});
    const values = rows.map((r) => columnNames.map((name) => r[name] ?? null));
    let asked: ModelCall;
    try {
      asked = modelCall(s, { columnNames, values }, parameters);
    } catch (error) {
      if (error instanceof CallProblem) return fail('web_service.call_refused', { problem: error.message });
      throw error;
    }
    const startedAt = performance.now();
    const answer = await call(s.servedBy, callOf(asked)).catch((error: unknown) => {
      if (!(error instanceof NotServing)) throw error;
      return fail('web_service.not_serving', { service: s.name, reason: error.message });
    });
    const durationMs = Math.round((performance.now() - startedAt) * 100) / 100;
    const text = answer.body.toString('utf8');
    if (answer.status >= 300)
      return fail('web_service.model_failed', {
        problem: `it answered ${answer.status}: ${text.slice(0, 500)}`,
      });
    await inTx(db, (tx) =>
      countUsage(tx, {
        source: newId('wst'),
        sequence: 1,
        subscriptionId: answer.subscriptionId,
        version: answer.version,
        dimension: 'inference.count',
        at: clock.now(),
        units: answer.units,
        calls: 1,
      }),
    );
    const columns = outputColumns(s.schema);
    try {
      const found = answerRows(s.schema, answer.contentType, text, asked.rows);
      return {
        columns: columns.map(({ name, type }) => ({ name, type })),
        rows: found.map((r) => r.map((c, i) => (columns[i] ? shownCell(columns[i], c) : c))),
        durationMs,
      };
    } catch (error) {
      if (error instanceof AnswerProblem) return fail('web_service.model_failed', { problem: error.message });
      throw error;
    }
  };
}

export function callOf(asked: ModelCall): { headers: Record<string, string>; body: Buffer } {
  return {
    headers: {
      'content-type': asked.contentType,
      accept: asked.accept,
      ...(asked.attributes ? { 'x-amzn-sagemaker-custom-attributes': asked.attributes } : {}),
    },
    body: Buffer.from(asked.body),
  };
}
