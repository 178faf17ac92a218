{
  "name": "dmi-lens",
  "displayName": "%displayName%",
  "description": "%description%",
  "version": "0.2.0",
  "publisher": "dmi-lens",
  "license": "MIT",
  "private": true,
  "type": "module",
  "icon": "media/icon.png",
  "engines": {
    "node": ">=20",
    "vscode": "^1.100.0"
  },
  "categories": [
    "Machine Learning",
    "Visualization",
    "Data Science"
  ],
  "extensionKind": [
    "workspace"
  ],
  "capabilities": {
    "untrustedWorkspaces": {
      "supported": "limited",
      "description": "%trust%",
      "restrictedConfigurations": [
        "dmiLens.engine.nodePath",
        "dmiLens.engine.provider"
      ]
    },
    "virtualWorkspaces": {
      "supported": "limited",
      "description": "%virtual%"
    }
  },
  "main": "./dist/extension.cjs",
  "l10n": "./l10n",
  "activationEvents": [
    "workspaceContains:**/*.dmi.json",
    "onFileSystem:dmi-schema",
    "onWebviewPanel:dmi.timeline"
  ],
  "contributes": {
    "languages": [
      {
        "id": "jsonc",
        "filenamePatterns": [
          "*.dmi.json"
        ]
      }
    ],
    "jsonValidation": [
      {
        "fileMatch": "*.dmi.json",
        "url": "dmi-schema://schema/spec.json"
      }
    ],
    "commands": [
      {
        "command": "dmi.runTrace",
        "title": "%command.runTrace%",
        "category": "DMI",
        "icon": "$(play)"
      },
      {
        "command": "dmi.cancel",
        "title": "%command.cancel%",
        "category": "DMI",
        "icon": "$(debug-stop)",
        "enablement": "dmi.busy"
      },
      {
        "command": "dmi.openTimeline",
        "title": "%command.openTimeline%",
        "category": "DMI",
        "icon": "$(graph-line)"
      },
      {
        "command": "dmi.openReport",
        "title": "%command.openReport%",
        "category": "DMI",
        "icon": "$(output)"
      },
      {
        "command": "dmi.newSpec",
        "title": "%command.newSpec%",
        "category": "DMI",
        "icon": "$(new-file)"
      },
      {
        "command": "dmi.showJobs",
        "title": "%command.showJobs%",
        "category": "DMI"
      },
      {
        "command": "dmi.showLog",
        "title": "%command.showLog%",
        "category": "DMI"
      },
      {
        "command": "dmi.restartEngine",
        "title": "%command.restartEngine%",
        "category": "DMI",
        "icon": "$(debug-restart)"
      },
      {
        "command": "dmi.openRun",
        "title": "%command.openRun%",
        "category": "DMI",
        "icon": "$(go-to-file)"
      },
      {
        "command": "dmi.compareRuns",
        "title": "%command.compareRuns%",
        "category": "DMI",
        "icon": "$(diff)"
      },
      {
        "command": "dmi.revealRun",
        "title": "%command.revealRun%",
        "category": "DMI",
        "icon": "$(folder-opened)"
      },
      {
        "command": "dmi.rerun",
        "title": "%command.rerun%",
        "category": "DMI",
        "icon": "$(debug-rerun)",
        "enablement": "isWorkspaceTrusted"
      },
      {
        "command": "dmi.deleteRun",
        "title": "%command.deleteRun%",
        "category": "DMI",
        "icon": "$(trash)"
      },
      {
        "command": "dmi.copyRunSnippet",
        "title": "%command.copyRunSnippet%",
        "category": "DMI",
        "icon": "$(copy)"
      },
      {
        "command": "dmi.refreshRuns",
        "title": "%command.refreshRuns%",
        "category": "DMI",
        "icon": "$(refresh)"
      }
    ],
    "menus": {
      "editor/title": [
        {
          "command": "dmi.runTrace",
          "when": "resourceFilename =~ /\\.dmi\\.json$/ && resourceScheme =~ /^(file|untitled)$/ && !isInDiffEditor",
          "group": "navigation@1"
        },
        {
          "command": "dmi.cancel",
          "when": "resourceFilename =~ /\\.dmi\\.json$/ && resourceScheme =~ /^(file|untitled)$/ && !isInDiffEditor && dmi.busy",
          "group": "navigation@2"
        },
        {
          "command": "dmi.openTimeline",
          "when": "resourceFilename =~ /\\.dmi\\.json$/ && resourceScheme =~ /^(file|untitled)$/ && !isInDiffEditor",
          "group": "navigation@3"
        },
        {
          "command": "dmi.openReport",
          "when": "resourceFilename =~ /\\.dmi\\.json$/ && resourceScheme =~ /^(file|untitled)$/ && !isInDiffEditor",
          "group": "1_dmi@1"
        }
      ],
      "editor/context": [
        {
          "command": "dmi.runTrace",
          "when": "resourceFilename =~ /\\.dmi\\.json$/ && resourceScheme =~ /^(file|untitled)$/",
          "group": "1_dmi@1"
        },
        {
          "command": "dmi.openTimeline",
          "when": "resourceFilename =~ /\\.dmi\\.json$/ && resourceScheme =~ /^(file|untitled)$/",
          "group": "1_dmi@2"
        },
        {
          "command": "dmi.openReport",
          "when": "resourceFilename =~ /\\.dmi\\.json$/ && resourceScheme =~ /^(file|untitled)$/",
          "group": "1_dmi@3"
        }
      ],
      "explorer/context": [
        {
          "command": "dmi.newSpec",
          "when": "explorerResourceIsFolder",
          "group": "navigation@9"
        },
        {
          "command": "dmi.runTrace",
          "when": "resourceFilename =~ /\\.dmi\\.json$/ && resourceScheme =~ /^(file|untitled)$/",
          "group": "navigation@8"
        }
      ],
      "file/newFile": [
        {
          "command": "dmi.newSpec",
          "group": "file"
        }
      ],
      "view/title": [
        {
          "command": "dmi.newSpec",
          "when": "view == dmi.runs",
          "group": "navigation@1"
        },
        {
          "command": "dmi.refreshRuns",
          "when": "view == dmi.runs",
          "group": "navigation@2"
        }
      ],
      "view/item/context": [
        {
          "command": "dmi.runTrace",
          "when": "view == dmi.runs && viewItem == dmi.spec",
          "group": "inline@1"
        },
        {
          "command": "dmi.openTimeline",
          "when": "view == dmi.runs && viewItem == dmi.spec",
          "group": "inline@2"
        },
        {
          "command": "dmi.runTrace",
          "when": "view == dmi.runs && viewItem == dmi.spec",
          "group": "1_dmi@1"
        },
        {
          "command": "dmi.openTimeline",
          "when": "view == dmi.runs && viewItem == dmi.spec",
          "group": "1_dmi@2"
        },
        {
          "command": "dmi.openReport",
          "when": "view == dmi.runs && viewItem == dmi.spec",
          "group": "1_dmi@3"
        },
        {
          "command": "dmi.rerun",
          "when": "view == dmi.runs && viewItem =~ /^dmi\\.(run|question)$/",
          "group": "inline@1"
        },
        {
          "command": "dmi.openRun",
          "when": "view == dmi.runs && viewItem == dmi.run",
          "group": "1_dmi@1"
        },
        {
          "command": "dmi.compareRuns",
          "when": "view == dmi.runs && viewItem =~ /^dmi\\.(run|question)$/",
          "group": "1_dmi@2"
        },
        {
          "command": "dmi.rerun",
          "when": "view == dmi.runs && viewItem =~ /^dmi\\.(run|question)$/",
          "group": "1_dmi@3"
        },
        {
          "command": "dmi.copyRunSnippet",
          "when": "view == dmi.runs && viewItem =~ /^dmi\\.(run|question)$/",
          "group": "2_dmi@1"
        },
        {
          "command": "dmi.revealRun",
          "when": "view == dmi.runs && viewItem =~ /^dmi\\.(run|damagedRun)$/",
          "group": "2_dmi@2"
        },
        {
          "command": "dmi.deleteRun",
          "when": "view == dmi.runs && viewItem =~ /^dmi\\.(run|question|damagedRun)$/",
          "group": "9_dmi@1"
        }
      ],
      "commandPalette": [
        {
          "command": "dmi.openRun",
          "when": "false"
        },
        {
          "command": "dmi.revealRun",
          "when": "false"
        },
        {
          "command": "dmi.rerun",
          "when": "false"
        },
        {
          "command": "dmi.deleteRun",
          "when": "false"
        },
        {
          "command": "dmi.copyRunSnippet",
          "when": "false"
        }
      ]
    },
    "keybindings": [
      {
        "command": "dmi.runTrace",
        "key": "ctrl+alt+enter",
        "mac": "cmd+alt+enter",
        "when": "editorTextFocus && resourceFilename =~ /\\.dmi\\.json$/ && resourceScheme =~ /^(file|untitled)$/"
      },
      {
        "command": "dmi.openTimeline",
        "key": "ctrl+k v",
        "mac": "cmd+k v",
        "when": "editorTextFocus && resourceFilename =~ /\\.dmi\\.json$/ && resourceScheme =~ /^(file|untitled)$/"
      },
      {
        "command": "dmi.deleteRun",
        "key": "delete",
        "mac": "cmd+backspace",
        "when": "focusedView == dmi.runs && !inputFocus"
      }
    ],
    "viewsContainers": {
      "activitybar": [
        {
          "id": "dmi",
          "title": "%container%",
          "icon": "media/view.svg"
        }
      ]
    },
    "views": {
      "dmi": [
        {
          "id": "dmi.runs",
          "name": "%view.runs%",
          "icon": "media/view.svg",
          "contextualTitle": "%displayName%"
        }
      ]
    },
    "viewsWelcome": [
      {
        "view": "dmi.runs",
        "contents": "%welcome.noFolder%",
        "when": "workspaceFolderCount == 0"
      },
      {
        "view": "dmi.runs",
        "contents": "%welcome.empty%",
        "when": "workspaceFolderCount != 0 && isWorkspaceTrusted"
      },
      {
        "view": "dmi.runs",
        "contents": "%welcome.untrusted%",
        "when": "workspaceFolderCount != 0 && !isWorkspaceTrusted"
      }
    ],
    "customEditors": [
      {
        "viewType": "dmi.run",
        "displayName": "%editor.run%",
        "selector": [
          {
            "filenamePattern": "**/.dmi/runs/*/run.json"
          }
        ],
        "priority": "default"
      }
    ],
    "configuration": {
      "title": "%displayName%",
      "properties": {
        "dmiLens.engine.threads": {
          "type": "integer",
          "minimum": 0,
          "maximum": 1024,
          "default": 0,
          "scope": "machine-overridable",
          "order": 1,
          "markdownDescription": "%setting.engine.threads%"
        },
        "dmiLens.engine.memoryLimitMb": {
          "type": "integer",
          "minimum": 0,
          "default": 0,
          "scope": "machine-overridable",
          "order": 2,
          "markdownDescription": "%setting.engine.memoryLimitMb%"
        },
        "dmiLens.engine.idleMinutes": {
          "type": "number",
          "minimum": 0,
          "maximum": 10080,
          "default": 10,
          "scope": "machine-overridable",
          "order": 3,
          "markdownDescription": "%setting.engine.idleMinutes%"
        },
        "dmiLens.engine.provider": {
          "type": "string",
          "enum": [
            "cpu",
            "cuda",
            "webgpu",
            "dml",
            "coreml"
          ],
          "enumDescriptions": [
            "%setting.engine.provider.cpu%",
            "%setting.engine.provider.cuda%",
            "%setting.engine.provider.webgpu%",
            "%setting.engine.provider.dml%",
            "%setting.engine.provider.coreml%"
          ],
          "default": "cpu",
          "scope": "machine-overridable",
          "order": 4,
          "markdownDescription": "%setting.engine.provider%"
        },
        "dmiLens.engine.nodePath": {
          "type": "string",
          "default": "",
          "scope": "machine-overridable",
          "order": 5,
          "markdownDescription": "%setting.engine.nodePath%"
        },
        "dmiLens.cache.limitMb": {
          "type": "integer",
          "minimum": 0,
          "default": 4096,
          "scope": "machine-overridable",
          "order": 6,
          "markdownDescription": "%setting.cache.limitMb%"
        }
      }
    },
    "walkthroughs": [
      {
        "id": "start",
        "title": "%walkthrough.title%",
        "description": "%walkthrough.description%",
        "steps": [
          {
            "id": "see",
            "title": "%walkthrough.see.title%",
            "description": "%walkthrough.see.description%",
            "media": {
              "markdown": "%walkthrough.see.media%"
            }
          },
          {
            "id": "ask",
            "title": "%walkthrough.ask.title%",
            "description": "%walkthrough.ask.description%",
            "media": {
              "markdown": "%walkthrough.ask.media%"
            },
            "completionEvents": [
              "onCommand:dmi.newSpec"
            ]
          },
          {
            "id": "write",
            "title": "%walkthrough.write.title%",
            "description": "%walkthrough.write.description%",
            "media": {
              "markdown": "%walkthrough.write.media%"
            }
          },
          {
            "id": "trace",
            "title": "%walkthrough.trace.title%",
            "description": "%walkthrough.trace.description%",
            "media": {
              "markdown": "%walkthrough.trace.media%"
            },
            "completionEvents": [
              "onCommand:dmi.runTrace"
            ]
          }
        ]
      }
    ]
  },
  "bin": {
    "dmi": "dist/cli.mjs"
  },
  "scripts": {
    "build": "node esbuild.mjs",
    "watch": "node esbuild.mjs --watch",
    "start": "node esbuild.mjs && node esbuild.mjs --tools && node out/tools/start.mjs",
    "package": "node esbuild.mjs && node esbuild.mjs --tools && node out/tools/package.mjs",
    "typecheck": "tsc --noEmit && tsc --noEmit -p webview",
    "lint": "eslint . && npm run typecheck && depcruise src webview --config .dependency-cruiser.mjs && knip",
    "test": "node test/run.mjs",
    "test:electron": "node esbuild.mjs && node esbuild.mjs --tests && node out/test/editor/electron.mjs",
    "bench": "node esbuild.mjs && node esbuild.mjs --tests && node esbuild.mjs --bench && node out/bench/main.mjs",
    "demo": "node esbuild.mjs && node dist/cli.mjs run examples/first/house.dmi.json",
    "study:paper": "node esbuild.mjs && node esbuild.mjs --tools && node out/tools/studyPaper.mjs",
    "docs:interventions": "node esbuild.mjs && node esbuild.mjs --tools && node out/tools/interventionPictures.mjs"
  },
  "dependencies": {
    "onnxruntime-node": "^1.30.0"
  },
  "devDependencies": {
    "@axe-core/playwright": "^4.13.0",
    "@bufbuild/protobuf": "2.17",
    "@eslint/js": "^9.39.5",
    "@huggingface/tokenizers": "^0.2.0",
    "@types/mocha": "^10.0.10",
    "@types/node": "^20.19.43",
    "@types/vscode": "1.100",
    "@vscode-elements/elements": "^2.5.1",
    "@vscode/l10n": "^0.0.18",
    "@vscode/test-electron": "2.5",
    "@vscode/vsce": "^3.9.2",
    "dependency-cruiser": "^16.10.4",
    "esbuild": "^0.28.2",
    "eslint": "^9.39.5",
    "fast-check": "^4.10.2",
    "fast-png": "^8.0.0",
    "fflate": "^0.8.3",
    "hyparquet": "^1.31.5",
    "hyparquet-writer": "^0.17.0",
    "jsonc-parser": "^3.3.1",
    "knip": "6.42.0",
    "mocha": "^11.8.0",
    "playwright-core": "^1.65.1",
    "preact": "^10.29.8",
    "typebox": "1.4",
    "typescript": "5.9",
    "typescript-eslint": "8.73",
    "vitest": "^3.2.7",
    "vscode-jsonrpc": "^10.0.0"
  },
  "overrides": {
    "rollup": "4.67.4"
  }
}
