using Gateway.Engine.Ports;
using Microsoft.Extensions.Logging;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>
/// Gives each adapter our endpoints, and what is still missing again at each round (A2DP may be late at a start of bluetoothd). Owned by the
/// session's loop.
/// </summary>
internal sealed class Equipment(BlueZBus bus, BluetoothOptions options, ILogger logger)
{
    // By adapter path: the endpoints that BlueZ has.
    private readonly Dictionary<string, HashSet<string>> _registered = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _told = new(StringComparer.Ordinal);

    /// <summary>The adapter is gone: another one that comes under its name has nothing of ours.</summary>
    public void Forget(string adapterPath)
    {
        _registered.Remove(adapterPath);
        _told.Remove(adapterPath);
    }

    public bool IsOn(string adapterPath) => _registered.TryGetValue(adapterPath, out var there) && there.Count > 0;

    /// <summary>Takes our endpoints away again: somebody else has the sound.</summary>
    public async Task WithdrawAsync(CancellationToken token)
    {
        foreach (var (path, endpoints) in _registered)
        {
            foreach (var endpoint in endpoints.ToList())
            {
                try
                {
                    await bus.CallAsync(path, BlueZNames.Media, "UnregisterEndpoint", "o", endpoint, "Taking an A2DP endpoint away", BlueZBus.Short, token);
                }
                catch (PortException error) when (error.Error != PortError.TimedOut)
                {
                    // BlueZ has forgotten it already.
                }
                catch (PortException)
                {
                    return; // tried again at the next round
                }

                endpoints.Remove(endpoint);
            }
        }
    }

    public async Task RoundAsync(IEnumerable<(string Path, string Address)> adapters, CancellationToken token)
    {
        foreach (var (path, address) in adapters)
        {
            var name = Projection.NameOf(path);
            if (!_registered.TryGetValue(path, out var there)) there = _registered[path] = new HashSet<string>(StringComparer.Ordinal);
            var missing = Endpoints.Of(name, options.StreamsOf(name, address), options.RoleOf(name, address)).Where(e => !there.Contains(e.Path)).ToList();
            if (missing.Count > 0) await RegisterAsync(path, name, there, missing, token);
        }
    }

    private async Task RegisterAsync(string path, string name, HashSet<string> there, List<(string Path, string Uuid)> missing, CancellationToken token)
    {
        foreach (var (endpoint, uuid) in missing)
        {
            try
            {
                await bus.RegisterEndpointAsync(path, endpoint, uuid, A2dp.SbcConfiguration.AllCapabilities.ToArray(), token);
            }
            catch (PortException error) when (error.IsNamed("AlreadyExists"))
            {
            }
            catch (PortException error)
            {
                if (_told.GetValueOrDefault(path) != error.Message) BluetoothLog.EndpointsRefused(logger, name, error.Message);
                _told[path] = error.Message;
                if (error.Error == PortError.TimedOut) return; // one that hangs is not asked ten times in a row
                continue;
            }

            there.Add(endpoint);
        }

        BluetoothLog.EndpointsRegistered(logger, there.Count, name);
    }
}
