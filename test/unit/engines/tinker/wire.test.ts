import { expect, it } from 'vitest';
import { samplesSchema, scoresSchema } from '../../../../src/engines/tinker/protocol.ts';
import { encodeScoring } from '../../../../src/engines/tinker/wire.ts';

const recorded = (base64: string): Buffer => Buffer.from(base64, 'base64');

it('writes rows to score as the package tinker 0.38.0 does, byte by byte', () => {
  const chunks = [
    { type: 'encoded_text' as const, tokens: [5, 151_643] },
    {
      type: 'image' as const,
      data: recorded('iVBORwD/').toString('base64'),
      format: 'png' as const,
      expected_tokens: 4,
    },
    { type: 'encoded_text' as const, tokens: [7] },
  ];
  const zeros = [0, 0, 0, 0, 0];
  const datum = {
    model_input: { chunks },
    loss_fn_inputs: {
      target_tokens: { data: [...zeros, 7, 9], dtype: 'int64' as const },
      weights: { data: [...zeros, -0.25, 1.5], dtype: 'float32' as const },
    },
  };
  const request = { model_id: 'm-1', seq_id: 300, data: [datum], forward_only: true };
  expect(Buffer.from(encodeScoring(request)).toString('base64')).toBe(
    'CgNtLTEQrAIapwEKDAoKCggFAAAAW1ACAAoREg8KBolQTkcA/xIDcG5nGAQKCAoGCgQHAAAAEk0KDXRhcmdldF90b2tlbnMSPAo4AAAA' +
      'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAcAAAAAAAAACQAAAAAAAAAYAhIrCgd3ZWlnaHRzEiAKHAAAAAAAAAAA' +
      'AAAAAAAAAAAAAAAAAACAvgAAwD8YASINY3Jvc3NfZW50cm9weTAB',
  );
});

it('reads samples as the package tinker 0.38.0 writes them, with and without log-probabilities', () => {
  expect(samplesSchema.parse(recorded('ChQSCAUAAABbUAIAGggAAAC/AAAAwAoICAESBAEAAAAgAw=='))).toEqual({
    sequences: [
      { stop_reason: 'stop', tokens: [5, 151_643], logprobs: [-0.5, -2] },
      { stop_reason: 'length', tokens: [1], logprobs: null },
    ],
  });
});

const SCORES =
  'CgZzY2FsYXISehI2Cghsb2dwcm9icxIqCgwAAIC/AAAAvwAAQMASGAAAAAAAAAAACAAAAAAAAAAMAAAAAAAAABgBEj4KEGVsZW1lbnR3aXNl' +
  'X2xvc3MSKgoMAAAAAAAAgD8AAAAAEhgAAAAAAAAAAAgAAAAAAAAADAAAAAAAAAAYARgCGhMKCGxvc3M6c3VtEQAAAAAAAPA/';

it('reads log-probabilities as skyrl 0.4.0 writes them', () => {
  expect(scoresSchema.parse(recorded(SCORES))).toEqual({
    loss_fn_outputs: [{ logprobs: { data: [-1, -0.5] } }, { logprobs: { data: [-3] } }],
  });
});

it('says what is wrong with something that is not a reply', () => {
  const cut = scoresSchema.safeParse(recorded(SCORES).subarray(0, 60));
  expect(cut.error!.issues[0]!.message).toBe('a field in it is cut off');
});
