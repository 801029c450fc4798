using Gateway.Engine;
using Gateway.House;

namespace Gateway.Reconciler;

/// <summary>What the reconciler needs of the configuration.</summary>
/// <param name="SoundServerHasBluetooth">The configuration leaves Bluetooth's sound to a sound server; shown until the radio side knows.</param>
internal sealed record ReconcilerOptions(HouseConfiguration House, Catalogue Catalogue, GatewayIdentity Identity, bool SoundServerHasBluetooth);
