import assert from 'node:assert/strict';
import * as vscode from 'vscode';

describe('extension', () => {
  it('is found by VS Code and activates', async () => {
    const extension = vscode.extensions.getExtension('dmi-lens.dmi-lens');
    assert.ok(extension, 'dmi-lens.dmi-lens is not among the extensions');
    await extension.activate();
    assert.equal(extension.isActive, true);
  });
});
