import { Disposable, l10n, tests, TestRunProfileKind } from 'vscode';
import { lazily } from '../lazily.ts';
import type { Contribution } from '../services.ts';

/** Experiments that expect something, in the Test Explorer. */
export const testingContribution: Contribution = ({ services }) => {
  const controller = tests.createTestController('dmi', l10n.t('DMI experiments'));
  const experiments = lazily(async () => {
    const [{ ExperimentTests }, loaded] = await Promise.all([import('./experimentTests.ts'), services()]);
    return new ExperimentTests(controller, loaded);
  });
  controller.resolveHandler = async (item) => { if (item === undefined) await (await experiments()).find(); };
  controller.refreshHandler = async () => { await (await experiments()).find(); };
  controller.createRunProfile(l10n.t('Run'), TestRunProfileKind.Run, async (request, token) => { await (await experiments()).run(request, token); }, true);
  return Disposable.from(controller, experiments);
};
