using Gateway.Engine.Ports;
using Microsoft.Extensions.Logging;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>Our pairing agent's place at bluetoothd. One call after the other, so that nobody asks for an agent that is just leaving. Any thread.</summary>
internal sealed class AgentRegistration(BlueZBus bus, ILogger logger)
{
    private readonly TurnQueue _turns = new();
    private volatile bool _isDefault;

    /// <summary>Whoever pairs with us asks the default agent: ours, while an adapter is in pairing mode.</summary>
    public bool IsDefault => _isDefault;

    public Task RegisterAsync(CancellationToken cancellationToken) => InTurnAsync(() => RegisterNowAsync(cancellationToken), cancellationToken);

    public Task BecomeDefaultAsync(string what, CancellationToken cancellationToken) => InTurnAsync(
        () =>
        {
            _isDefault = true;
            return bus.CallAsync(BlueZNames.Root, BlueZNames.AgentManager, "RequestDefaultAgent", "o", Callbacks.AgentPath, what, BlueZBus.Short, cancellationToken);
        },
        cancellationToken);

    /// <summary>An agent cannot step down, only leave and come back.</summary>
    public Task GiveDefaultBackAsync(CancellationToken cancellationToken)
    {
        _isDefault = false;
        return InTurnAsync(
            async () =>
            {
                try
                {
                    await bus.CallAsync(
                        BlueZNames.Root, BlueZNames.AgentManager, "UnregisterAgent", "o", Callbacks.AgentPath, "Giving the default agent back", BlueZBus.Short, cancellationToken);
                }
                catch (PortException)
                {
                    // It is not registered: then it is no default either.
                }

                await RegisterNowAsync(cancellationToken);
            },
            cancellationToken);
    }

    private async Task InTurnAsync(Func<Task> work, CancellationToken cancellationToken)
    {
        await _turns.WaitAsync(0, cancellationToken);
        try
        {
            await work();
        }
        finally
        {
            _turns.Release();
        }
    }

    private async Task RegisterNowAsync(CancellationToken cancellationToken)
    {
        try
        {
            await bus.RegisterAgentAsync(Callbacks.AgentPath, PairingAgent.Capability, cancellationToken);
        }
        catch (PortException error)
        {
            BluetoothLog.AgentRefused(logger, error.Message);
        }
    }
}
