// /api/systems and /api/employees.
import { describe, expect, it } from '@jest/globals';
import { bodyOf, fingerprint, useSite } from './routes-support.ts';

const site = useSite();

const lists = [
  {
    one: 'system',
    many: 'systems',
    values: { name: 'Crane', description: null, location: 'Yard', contact_name: 'Eva', phone: '1', email: 'a@b' },
  },
  {
    one: 'employee',
    many: 'employees',
    values: { name: 'Eva', phone: '1', position: 'Rigger', language: 'pt-BR', active: false },
  },
];

describe.each(lists)('/api/$many', ({ one, many, values }) => {
  it('lists, reads, creates, changes and deletes', async () => {
    const created = await site.http('POST', `/api/${many}`, values);
    expect([created.status, created.headers.get('location')]).toEqual([201, `/api/${many}/3`]);
    expect(created.body[one]).toMatchObject({ ...values, id: 3 });
    expect((await site.http('GET', `/api/${many}/3`)).body).toEqual(created.body);
    const page = bodyOf(await site.http('GET', `/api/${many}?limit=2`));
    expect(page).toMatchObject({ [many]: [{ id: 1 }, { id: 2 }], next: 2, cursor: expect.any(String) });
    expect(bodyOf(await site.http('GET', `/api/${many}?after=2`))).toMatchObject({ [many]: [{ id: 3 }], next: null });
    const renamed = await site.http('PUT', `/api/${many}/3`, { name: ' Other ' });
    expect(renamed.body[one]).toMatchObject({ ...values, name: 'Other' });
    expect((await site.http('PUT', `/api/${many}/3`, {})).body).toEqual(renamed.body);
    expect((await site.http('DELETE', `/api/${many}/3`)).status).toBe(204);
    expect((await site.http('GET', `/api/${many}/3`)).status).toBe(404);
  });

  it('refuses what is not there or not allowed', async () => {
    const before = await fingerprint(site.psql);
    expect((await site.http('PUT', `/api/${many}/99`, { name: 'x' })).status).toBe(404);
    expect((await site.http('PUT', `/api/${many}/99`, {})).status).toBe(404);
    expect((await site.http('DELETE', `/api/${many}/99`)).status).toBe(404);
    expect((await site.http('GET', `/api/${many}/0`)).status).toBe(404);
    expect((await site.http('GET', `/api/${many}/x`)).status).toBe(400);
    expect((await site.http('GET', `/api/${many}?name=x`)).status).toBe(400);
    for (const body of [{}, { name: ' ' }, { name: 'x'.repeat(201) }, { name: 'x', id: 5 }, { name: 'x', phone: 5 }])
      expect((await site.http('POST', `/api/${many}`, body)).status).toBe(400);
    expect((await site.http('POST', '/api/employees', { name: 'x', language: 'English' })).status).toBe(400);
    expect(await fingerprint(site.psql)).toBe(before);
  });

  it('leaves the tasks of what is deleted, unassigned', async () => {
    expect((await site.http('DELETE', `/api/${many}/1`)).status).toBe(204);
    expect(bodyOf(await site.http('GET', '/api/tasks/1')).task).toMatchObject({
      [`${one}_id`]: null,
      [`${one}_name`]: null,
      version: 2,
    });
  });
});
