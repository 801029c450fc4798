using System.Collections.Concurrent;
using Gateway.Engine;
using Gateway.Engine.Ports;
using Microsoft.Extensions.Logging;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>
/// Gives each adapter our endpoints, and tries at each round what is still missing (A2DP may be late at a start of bluetoothd). Owned by the session's
/// loop, which waits for no call: each adapter has one batch of calls under way at most, and its end is told.
/// </summary>
/// <param name="changed">BlueZ has other endpoints of ours than before. Any thread.</param>
internal sealed class EndpointRegistry(BlueZBus bus, BluetoothOptions options, Action changed, ILogger logger)
{
    private readonly Dictionary<string, AdapterEndpoints> _adapters = new(StringComparer.Ordinal);

    /// <summary>Ends with the calls that are under way now.</summary>
    public Task Settled => Task.WhenAll(_adapters.Values.Select(a => a.Batch));

    /// <summary>The adapter is gone: another one that comes under its name has nothing of ours.</summary>
    public void Forget(string adapterPath)
    {
        if (_adapters.Remove(adapterPath, out var gone)) gone.IsGone = true;
    }

    /// <summary>BlueZ has endpoints of ours there, or is just being given them: it advertises them before it answers.</summary>
    public bool IsOn(string adapterPath) => _adapters.TryGetValue(adapterPath, out var adapter) && (adapter.Work == Work.Registers || !adapter.Registered.IsEmpty);

    /// <summary>Registers what is missing.</summary>
    public void Register(IEnumerable<(string Path, BluetoothAddress Address)> adapters, CancellationToken token)
    {
        foreach (var (path, address) in adapters)
        {
            var name = ObjectPaths.NameOf(path);
            if (!_adapters.TryGetValue(path, out var adapter)) adapter = _adapters[path] = new AdapterEndpoints(path, name);
            if (adapter.Work != Work.None) continue;
            var missing = Endpoints.Of(name, options.StreamsOf(name, address), options.RoleOf(name, address)).Where(e => !adapter.Registered.ContainsKey(e.Path)).ToList();
            if (missing.Count > 0) adapter.Batch = RunAsync(adapter, Work.Registers, () => RegisterAsync(adapter, missing, token));
        }
    }

    /// <summary>Takes our endpoints away again: somebody else has the sound.</summary>
    public void Withdraw(CancellationToken token)
    {
        foreach (var adapter in _adapters.Values.Where(a => a.Work == Work.None && !a.Registered.IsEmpty)) adapter.Batch = RunAsync(adapter, Work.Withdraws, () => WithdrawAsync(adapter, token));
    }

    private async Task RunAsync(AdapterEndpoints adapter, Work work, Func<Task> batch)
    {
        var before = adapter.Registered.Count;
        adapter.Work = work;
        try
        {
            await batch();
        }
        finally
        {
            adapter.Work = Work.None;
            // A refused endpoint is tried at the next round, and not at once.
            if (adapter.Registered.Count != before) changed();
        }
    }

    private async Task RegisterAsync(AdapterEndpoints adapter, List<(string Path, string Uuid)> missing, CancellationToken token)
    {
        foreach (var (endpoint, uuid) in missing)
        {
            if (adapter.IsGone) return;
            var end = await bus.RegisterEndpointAsync(adapter.Path, endpoint, uuid, A2dp.SbcConfiguration.AllCapabilities.ToArray(), token);
            if (end.Reason == CallReason.AlreadyExists || end.Error is not { } error)
            {
                adapter.Registered[endpoint] = true;
                continue;
            }

            if (adapter.Told != error.Message) BluetoothLog.EndpointsRefused(logger, adapter.Name, error.Message);
            adapter.Told = error.Message;
            if (end.Kind == PortError.TimedOut) return; // one that hangs is not asked ten times in a row
        }

        BluetoothLog.EndpointsRegistered(logger, adapter.Registered.Count, adapter.Name);
    }

    private async Task WithdrawAsync(AdapterEndpoints adapter, CancellationToken token)
    {
        foreach (var endpoint in adapter.Registered.Keys)
        {
            var end = await bus.CallAsync(adapter.Path, BlueZNames.Media, "UnregisterEndpoint", "o", endpoint, "Taking an A2DP endpoint away", BlueZBus.Short, token);
            if (end.Kind == PortError.TimedOut) return; // tried again at the next round
            adapter.Registered.TryRemove(endpoint, out _); // after any other no BlueZ has forgotten it already
        }
    }

    private enum Work
    {
        None,
        Registers,
        Withdraws,
    }

    /// <summary>One adapter's. Written by its batch, read by the loop.</summary>
    private sealed class AdapterEndpoints(string path, string name)
    {
        public volatile Work Work;
        public volatile bool IsGone;

        public string Path => path;
        public string Name => name;
        public ConcurrentDictionary<string, bool> Registered { get; } = new(StringComparer.Ordinal);
        public Task Batch { get; set; } = Task.CompletedTask;
        public string? Told { get; set; }
    }
}
