using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.House;

namespace Gateway.Tests.Reconciler;

/// <summary>A cloud that is late, wrong or gone: what our own radio knows and can do does not depend on it.</summary>
public sealed class CloudTroubleTests
{
    [Fact]
    public async Task While_the_cloud_has_a_problem_our_own_radio_makes_and_ends_the_link_with_us()
    {
        LateCloud cloud = null!;
        await using var home = await SimulatedHome.StartAsync(echo: inner => cloud = new LateCloud(inner));
        Assert.Equal(CommandResult.Done, (await home.AskAsync("echo/kitchen/bluetooth", "gateway")).Result); // it is paired now
        cloud.Break();

        Assert.Equal((CommandResult.Done, null), ResultOf(await home.AskAsync("echo/kitchen/bluetooth", "Disconnected")));
        await home.UntilAsync("no link", _ => home.Echo("kitchen").Bluetooth.State != EchoLinkState.Connected);
        Assert.Equal((CommandResult.Done, null), ResultOf(await home.AskAsync("echo/kitchen/bluetooth", "gateway")));

        Assert.Equal((EchoLinkState.Connected, LinkRole.PlaysTo), (home.Echo("kitchen").Bluetooth.State, home.Echo("kitchen").Bluetooth.Role));
        Assert.Equal((CommandResult.Failed, "The cloud is gone."), ResultOf(await home.AskAsync("echo/kitchen/volume", "20"))); // nobody else can
    }

    [Fact]
    public async Task A_link_with_us_has_ended_when_our_radio_says_so()
    {
        LateCloud cloud = null!;
        await using var home = await SimulatedHome.StartAsync(echo: inner => cloud = new LateCloud(inner));
        await home.AskAsync("echo/kitchen/bluetooth", "gateway");
        Assert.Equal(EchoLinkState.Connected, home.Echo("kitchen").Bluetooth.State);
        cloud.Freeze();

        await home.DoAsync("the link to end", () => cloud.Inner.DisconnectAsync("G0922H0000000101", CancellationToken.None));

        await home.UntilAsync("the link to be unknown", _ => home.Echo("kitchen").Bluetooth.State is null);
        cloud.Thaw(); // it says what there is instead: nothing
        await home.UntilAsync("no link", _ => home.Echo("kitchen").Bluetooth.State == EchoLinkState.Disconnected);
        await home.UntilEventAsync(HouseEventType.LinkLost, "kitchen");
    }

    [Fact]
    public async Task One_that_is_linked_with_us_is_online_whatever_its_cloud_says()
    {
        await using var home = await SimulatedHome.StartAsync(echo: inner => new LateCloud(inner) { Shown = now => now with { Echoes = [.. now.Echoes.Select(e => e with { Online = e.Serial != "G0922H0000000101" })] } });
        Assert.False(home.Echo("kitchen").Online);

        await home.AskAsync("echo/kitchen/bluetooth", "gateway");

        Assert.True(home.Echo("kitchen").Online);
    }

    private static (CommandResult, string?) ResultOf(Answer end) => (end.Result, end.Reason);

    /// <summary>Shows what it showed when it was frozen; broken, it also says so and does nothing.</summary>
    private sealed class LateCloud(IEchoControl inner) : IEchoControl
    {
        private EchoSnapshot? _frozen;
        private bool _isBroken;
        private Action<EchoSnapshot>? _told;

        public IEchoControl Inner => inner;
        public Func<EchoSnapshot, EchoSnapshot> Shown { get; init; } = now => now;
        public EchoSnapshot Current => _frozen ?? Shown(inner.Current);

        public event Action<EchoSnapshot>? Changed
        {
            add
            {
                inner.Changed += value;
                _told += value;
            }

            remove
            {
                inner.Changed -= value;
                _told -= value;
            }
        }

        public void Freeze() => _frozen = inner.Current;

        public void Thaw()
        {
            _frozen = null;
            _told?.Invoke(Current);
        }

        public void Break()
        {
            _isBroken = true;
            _frozen = inner.Current with { Problem = "The cloud is gone." };
            _told?.Invoke(_frozen);
        }

        public Task ConnectAsync(string serial, BluetoothAddress peerAddress, CancellationToken cancellationToken) => Do(() => inner.ConnectAsync(serial, peerAddress, cancellationToken));

        public Task DisconnectAsync(string serial, CancellationToken cancellationToken) => Do(() => inner.DisconnectAsync(serial, cancellationToken));

        public Task ForgetAsync(string serial, BluetoothAddress peerAddress, CancellationToken cancellationToken) => Do(() => inner.ForgetAsync(serial, peerAddress, cancellationToken));

        public Task SetVolumeAsync(string serial, int percent, CancellationToken cancellationToken) => Do(() => inner.SetVolumeAsync(serial, percent, cancellationToken));

        public Task SetAudioOutputAsync(string serial, AudioOutput output, CancellationToken cancellationToken) => Do(() => inner.SetAudioOutputAsync(serial, output, cancellationToken));

        public Task<string> CreateWifiGroupAsync(string name, IReadOnlyList<string> serials, CancellationToken cancellationToken) => inner.CreateWifiGroupAsync(name, serials, cancellationToken);

        public Task DeleteWifiGroupAsync(string id, CancellationToken cancellationToken) => inner.DeleteWifiGroupAsync(id, cancellationToken);

        private Task Do(Func<Task> command) => _isBroken ? Task.FromException(new PortException(PortError.NotReachable, "The cloud is gone.")) : command();
    }
}
