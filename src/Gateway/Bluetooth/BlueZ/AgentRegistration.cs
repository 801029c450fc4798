using Microsoft.Extensions.Logging;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>Our pairing agent's place at bluetoothd. One call after the other, so that nobody asks for an agent that is just leaving. Any thread.</summary>
internal sealed class AgentRegistration(BlueZBus bus, PairingPolicy policy, ILogger logger)
{
    private readonly TurnQueue _turns = new();
    private volatile bool _isDefault;

    /// <summary>A device that pairs with us asks the default agent. Ours is the default while an adapter is in pairing mode.</summary>
    public bool IsDefault => _isDefault;

    public Task RegisterAsync(CancellationToken cancellationToken) => InTurnAsync(() => RegisterNowAsync(cancellationToken), cancellationToken);

    public Task<CallOutcome> BecomeDefaultAsync(string what, CancellationToken cancellationToken) => InTurnAsync(
        () =>
        {
            _isDefault = true;
            return bus.CallAsync(BlueZNames.Root, BlueZNames.AgentManager, "RequestDefaultAgent", "o", Callbacks.AgentPath, what, BlueZBus.Short, cancellationToken);
        },
        cancellationToken);

    /// <summary>An agent cannot step down, only leave and come back. It stays where pairing mode has begun by the time that its turn comes.</summary>
    public Task GiveDefaultBackAsync(CancellationToken cancellationToken) => InTurnAsync(
        async () =>
        {
            if (!_isDefault || policy.IsAnyInPairingMode) return CallOutcome.Done;
            _isDefault = false;
            // If it fails, the agent is not registered, and so is no default either.
            await bus.CallAsync(
                BlueZNames.Root, BlueZNames.AgentManager, "UnregisterAgent", "o", Callbacks.AgentPath, "Giving the default agent back", BlueZBus.Short, cancellationToken);
            return await RegisterNowAsync(cancellationToken);
        },
        cancellationToken);

    private async Task<CallOutcome> InTurnAsync(Func<Task<CallOutcome>> work, CancellationToken cancellationToken)
    {
        await _turns.WaitAsync(0, cancellationToken);
        try
        {
            return await work();
        }
        finally
        {
            _turns.Release();
        }
    }

    private async Task<CallOutcome> RegisterNowAsync(CancellationToken cancellationToken)
    {
        var end = await bus.RegisterAgentAsync(Callbacks.AgentPath, PairingAgent.Capability, cancellationToken);
        if (end.Error is { } error) BluetoothLog.AgentRefused(logger, error.Message);
        return end;
    }
}
