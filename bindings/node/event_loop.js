// Loaded before the example: fails it where the event loop stood still while the server was asked.
let turns = 0;
setInterval(() => turns++, 10).unref();

process.on("exit", () => {
    if (turns >= 20) return;
    console.error(`the event loop turned ${turns} times while the server took half a second`);
    process.exitCode = 1;
});
